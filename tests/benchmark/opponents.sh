#!/bin/sh
# Installs the servers that the fake provider is measured against, pinned, into target/opponents. nginx comes from the system's packages.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p target/opponents
cargo install --quiet --locked --root target/opponents vidaimock@0.3.1
cargo install --quiet --locked --root target/opponents llmposter@0.5.0
npm install --silent --prefix target/opponents/aimock @copilotkit/aimock@1.43.0
command -v nginx > /dev/null || apt-get install -y -q nginx-light
