//! The counts as OpenMetrics text, gathered anew each time somebody asks.

use std::fmt::{self, Debug};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::{BOUNDS, Metrics};
use crate::namespaces::Namespaces;

/// Everything that is counted, as OpenMetrics text.
///
/// # Errors
///
/// Never, as far as is known: writing into a text does not fail.
pub(crate) fn exposition(namespaces: &Arc<Namespaces>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("fake_provider");
    registry.register_collector(Box::new(Gathered(Arc::clone(namespaces))));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Gathered(Arc<Namespaces>);

impl Collector for Gathered {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let lobby = &self.0.lobby;
        let gauges = [
            (
                "open_connections",
                "Connections that neither side has ended",
                lobby.open_connections(),
            ),
            (
                "requests_in_flight",
                "Requests that were read and whose answer is not over",
                lobby.requests_in_flight(),
            ),
            (
                "open_streams",
                "Streamed answers that are not over",
                lobby.metrics.streams.load(Ordering::Relaxed),
            ),
            (
                "namespaces",
                "Namespaces, the default one among them",
                self.0.names().len(),
            ),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            gauge.encode(metric)?;
        }
        self.requests(&mut encoder)?;
        faults(&lobby.metrics, &mut encoder)?;
        let bytes = lobby.metrics.bytes.load(Ordering::Relaxed);
        let help = "Bytes of answers that left, heads and framing included";
        let metric = encoder.encode_descriptor("sent_bytes", help, None, MetricType::Counter)?;
        ConstCounter::new(bytes).encode(metric)?;
        first_byte(&lobby.metrics, &mut encoder)
    }
}

impl Gathered {
    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests that were answered, or whose answer has begun";
        let mut metric = encoder.encode_descriptor("requests", help, None, MetricType::Counter)?;
        for (name, namespace) in self.0.all() {
            for (dialect, purpose, status, count) in namespace.desk.answered.counts() {
                let status = status.to_string();
                let labels = [
                    ("namespace", name.as_str()),
                    ("dialect", dialect),
                    ("operation", purpose),
                    ("status", &status),
                ];
                let family = metric.encode_family(&labels)?;
                ConstCounter::new(count).encode(family)?;
            }
        }
        Ok(())
    }
}

fn faults(metrics: &Metrics, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "What became of faults, by action and outcome";
    let mut metric = encoder.encode_descriptor("faults", help, None, MetricType::Counter)?;
    let faults = metrics.faults.lock();
    for ((action, outcome), count) in faults.unwrap_or_else(PoisonError::into_inner).iter() {
        let labels = [("action", action.as_str()), ("outcome", *outcome)];
        let family = metric.encode_family(&labels)?;
        ConstCounter::new(*count).encode(family)?;
    }
    Ok(())
}

fn first_byte(metrics: &Metrics, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "From the whole request to the first byte of its answer";
    let unit = Some(&Unit::Seconds);
    let mut metric = encoder.encode_descriptor("first_byte", help, unit, MetricType::Histogram)?;
    let counts = metrics.first_bytes.iter();
    let counts: Vec<u64> = counts.map(|count| count.load(Ordering::Relaxed)).collect();
    let bounds = BOUNDS.iter().map(|millis| seconds(*millis * 1000));
    let buckets: Vec<(f64, u64)> = { bounds.chain([f64::MAX]) }
        .zip(counts.iter().copied())
        .collect();
    let sum = metrics.first_byte_sum_micros.load(Ordering::Relaxed);
    metric.encode_histogram::<NoLabelSet>(seconds(sum), counts.iter().sum(), &buckets, None)
}

fn seconds(micros: u64) -> f64 {
    std::time::Duration::from_micros(micros).as_secs_f64()
}
