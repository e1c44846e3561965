//! What a client must not say over HTTP/2 (RFC 9113): it is told which kind of mistake it was, and sent away.

use std::net::SocketAddr;

use crate::frames::{
    Client, DATA, GOAWAY, PING, PREFACE, RST_STREAM, SETTINGS, WINDOW_UPDATE, asking, block, frame,
    headers,
};
use crate::raw::SPOKEN;
use crate::world::{World, says};

const SCRIPT: &str = "[[provider]]\nreply = { text = \"Served.\" }\n";
const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const FRAME_SIZE_ERROR: u32 = 6;
const COMPRESSION_ERROR: u32 = 9;
const ACK: u8 = 1;
const PRIORITY: u8 = 2;
const PUSH_PROMISE: u8 = 5;

async fn world() -> (World, SocketAddr) {
    let world = World::start(says(SCRIPT)).await;
    let address = world.provider.local_addr().expect("is TCP");
    (world, address)
}

fn setting(name: u8, value: u32) -> Vec<u8> {
    let payload = [&[0, name][..], &value.to_be_bytes()].concat();
    frame(SETTINGS, 0, 0, &payload)
}

#[tokio::test]
async fn settings_have_ranges() {
    let (_world, address) = world().await;
    for (name, value, code) in [
        (2, 2, PROTOCOL_ERROR),
        (4, 1 << 31, FLOW_CONTROL_ERROR),
        (4, u32::MAX, FLOW_CONTROL_ERROR),
        (5, 0, PROTOCOL_ERROR),
        (5, 16_383, PROTOCOL_ERROR),
        (5, 1 << 24, PROTOCOL_ERROR),
        (5, u32::MAX, PROTOCOL_ERROR),
    ] {
        let mut client = Client::connect(address).await;
        client.send(&setting(name, value)).await;
        assert_eq!(client.ended().await, Some(code), "{name} = {value}");
    }
}

#[tokio::test]
async fn whatever_lies_within_them_is_kept_to() {
    let (_world, address) = world().await;
    for (name, value) in [
        (1, 0),
        (1, u32::MAX),
        (2, 0),
        (2, 1),
        (3, 0),
        (4, (1 << 31) - 1),
        (5, 16_384),
        (5, (1 << 24) - 1),
        (6, 0),
        (0x99, 7),
    ] {
        let mut client = Client::connect(address).await;
        client.send(&setting(name, value)).await;
        client.send(&asking(&SPOKEN[0], 1)).await;
        let answered = client.answered(1).await;
        assert!(answered.body.contains("Served."), "{name} = {value}");
    }
}

#[tokio::test]
async fn a_window_never_grows_beyond_what_there_is() {
    let (_world, address) = world().await;
    let begun = headers(0, 1, &block(&SPOKEN[0], &[]));
    let more = frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes());
    let most = setting(4, (1 << 31) - 1);
    for (said, code) in [
        ([&begun[..], &most, &more].concat(), FLOW_CONTROL_ERROR),
        ([&begun[..], &more, &most].concat(), FLOW_CONTROL_ERROR),
    ] {
        let mut client = Client::connect(address).await;
        client.send(&said).await;
        assert_eq!(client.ended().await, Some(code));
    }
}

async fn are_told(code: u32, mistakes: &[(&str, Vec<u8>)]) {
    let (_world, address) = world().await;
    for (name, said) in mistakes {
        let mut client = Client::connect(address).await;
        client.send(said).await;
        assert_eq!(client.ended().await, Some(code), "{name}");
    }
}

#[tokio::test]
async fn frames_have_their_place() {
    let mistakes = [
        ("SETTINGS of a stream", frame(SETTINGS, 0, 1, b"")),
        ("an ACK of a stream", frame(SETTINGS, ACK, 3, b"")),
        ("PING of a stream", frame(PING, 0, 1, &[0; 8])),
        ("GOAWAY of a stream", frame(GOAWAY, 0, 1, &[0; 8])),
        ("PRIORITY of none", frame(PRIORITY, 0, 0, &[0; 5])),
        ("PUSH_PROMISE", frame(PUSH_PROMISE, 0, 1, &[0; 8])),
        ("a window of 0", frame(WINDOW_UPDATE, 0, 0, &[0; 4])),
        ("a window of nobody", frame(WINDOW_UPDATE, 0, 9, &[1; 4])),
        ("DATA of nobody", frame(DATA, 0, 1, b"{}")),
        ("RST_STREAM of nobody", frame(RST_STREAM, 0, 9, &[0; 4])),
        ("a stream of ours", headers(0, 2, &block(&SPOKEN[0], &[]))),
    ];
    are_told(PROTOCOL_ERROR, &mistakes).await;
}

#[tokio::test]
async fn frames_have_their_length() {
    let mistakes = [
        ("SETTINGS cut", frame(SETTINGS, 0, 0, &[0; 5])),
        ("an ACK with settings", frame(SETTINGS, ACK, 0, &[0; 6])),
        ("PING cut", frame(PING, 0, 0, &[0; 7])),
        ("PRIORITY cut", frame(PRIORITY, 0, 1, &[0; 4])),
        ("too long", frame(0x77, 0, 0, &[0; 16_385])),
    ];
    are_told(FRAME_SIZE_ERROR, &mistakes).await;
    let mistake = ("a head that cannot be read", headers(0, 1, &[0xff; 4]));
    are_told(COMPRESSION_ERROR, &[mistake]).await;
}

#[tokio::test]
async fn settings_come_first() {
    let (_world, address) = world().await;
    for first in [
        asking(&SPOKEN[0], 1),
        frame(PING, 0, 0, &[0; 8]),
        frame(SETTINGS, ACK, 0, b""),
    ] {
        let mut client = Client::silent(address).await;
        client.send(&[PREFACE, &first].concat()).await;
        assert_eq!(client.ended().await, Some(PROTOCOL_ERROR));
    }
}
