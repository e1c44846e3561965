//! Paths that stay inside the workspace. Knows nothing of what is done with them.

use std::path::{Component, Path, PathBuf};

use crate::store::Store;

/// Why a path is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum PathRefused {
    #[error("the path must be relative and must not contain `..`")]
    Shape,
    #[error("the path leads out of the workspace")]
    Outside,
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// The real path of `path` below `root`. A link that leads out of `root` is followed and then refused.
pub(super) fn resolve(store: &dyn Store, root: &Path, path: &str) -> Result<PathBuf, PathRefused> {
    let path = Path::new(path);
    let stays = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !path.components().all(stays) {
        return Err(PathRefused::Shape);
    }
    let root = store.canonical(root)?;
    let real = store.canonical(&root.join(path))?;
    if real.starts_with(&root) {
        Ok(real)
    } else {
        Err(PathRefused::Outside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Disk;

    #[test]
    fn nothing_leads_out() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("workspace");
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::write(home.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(home.path().join("secret"), root.join("link")).unwrap();

        assert!(resolve(&Disk, &root, "src").is_ok());
        assert!(resolve(&Disk, &root, ".").is_ok());
        assert!(matches!(
            resolve(&Disk, &root, "../secret"),
            Err(PathRefused::Shape)
        ));
        assert!(matches!(
            resolve(&Disk, &root, "src/../../secret"),
            Err(PathRefused::Shape)
        ));
        assert!(matches!(
            resolve(&Disk, &root, "/etc/passwd"),
            Err(PathRefused::Shape)
        ));
        assert!(matches!(
            resolve(&Disk, &root, "link"),
            Err(PathRefused::Outside)
        ));
        assert!(matches!(
            resolve(&Disk, &root, "none"),
            Err(PathRefused::Io(_))
        ));
    }
}
