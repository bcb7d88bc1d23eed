//! A server with a deliberate fault: whoever asks it for Whisper gets Barge, and is told that it was
//! done. The fault stands in front of the server, so the program that people use has no switch for it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

const WHISPER: &[u8] = br#""mode":"whisper""#;
/// As long, so that no `Content-Length` changes.
const BARGE: &[u8] = br#""mode":"barge"  "#;
const _: () = assert!(WHISPER.len() == BARGE.len());

/// Stands in front of the server at `url`; says at which URL the faulty one is reached. Media do not
/// pass through it: they go to the server's own socket.
pub async fn whispers_are_barges(url: &str) -> String {
    let server = url.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let faulty = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(&server).await else { return };
            let (from_client, mut to_client) = client.into_split();
            let (mut from_server, to_server) = server.into_split();
            tokio::spawn(rewrite(from_client, to_server));
            tokio::spawn(async move {
                // It ends when either side closes.
                let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
            });
        }
    });
    faulty
}

/// Passes on what the client sends, with every wish to whisper turned into one to barge.
async fn rewrite(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let (mut buffer, mut pending) = ([0; 16_384], Vec::new());
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        pending.extend_from_slice(&buffer[..length]);
        while let Some(at) = pending.windows(WHISPER.len()).position(|it| it == WHISPER) {
            pending[at..at + WHISPER.len()].copy_from_slice(BARGE);
        }
        // A wish may be split between two reads: what is plainly its beginning waits for the rest.
        let begun = (8..WHISPER.len()).rev().find(|length| pending.ends_with(&WHISPER[..*length]));
        let rest = pending.split_off(pending.len() - begun.unwrap_or(0));
        if to.write_all(&pending).await.is_err() {
            return;
        }
        pending = rest;
    }
}
