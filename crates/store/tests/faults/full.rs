//! The disk is full, and has room again; and a disk that can only be read.
//!
//! The disk is a small file system of the test's own, in a mount namespace of its own, so this needs
//! `unshare` (util-linux) and no rights.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use store::{Location, Outage, Store, StoreError};

use postgres_testkit::Postgres;

use super::{kept, open_conversation, post, with_conversation};

/// Where the small disk is, for the part of the test that runs on it.
const DISK: &str = "SOTTO_TEST_DISK";
/// Its size.
const DISK_MIB: u32 = 8;
/// Its size where PostgreSQL stands on it, whose log alone takes 16 MiB at a time.
const POSTGRESQL_DISK_MIB: u32 = 160;
/// Full disks, one after the other.
const ROUNDS: u64 = 20;
/// Refused messages of each: more than there are connections.
const REFUSED: u64 = 12;

#[tokio::test]
async fn a_full_disk_keeps_what_was_acknowledged_and_recovers_by_itself() {
    let test = "full::a_full_disk_keeps_what_was_acknowledged_and_recovers_by_itself";
    let Some(disk) = disk_for(test, DISK_MIB, "true") else { return };
    let store = with_conversation(&disk.join("data")).await;
    let (mut acknowledged, mut next) = (Vec::new(), 1);
    for round in 0..ROUNDS {
        fill(&disk);
        next = post_until_it_is_refused(&store, next, &mut acknowledged).await;
        if round == 0 {
            assert_eq!(store.check_writable().await, Err(Outage::DiskFull));
        }
        assert_eq!(kept(&store).await, acknowledged, "round {round}, while it is full");
        let opened = Store::open(&Location::Directory(disk.join("another"))).await;
        assert_eq!(opened.map(drop).unwrap_err().outage(), Some(Outage::DiskFull));

        make_room(&disk);
        post(&store, next, "there is room").await.unwrap();
        acknowledged.push(next);
        next += 1;
        assert_eq!(kept(&store).await, acknowledged, "round {round}, with room again");
        if round == 0 {
            // One look counts for a second.
            tokio::time::sleep(Duration::from_millis(1_050)).await;
            assert_eq!(store.check_writable().await, Ok(()));
        }
    }
    // What a dead server would leave behind, not what one that closes does.
    let crashed = tempfile::tempdir().unwrap();
    for file in ["sotto.db", "sotto.db-wal"] {
        std::fs::copy(disk.join("data").join(file), crashed.path().join(file)).unwrap();
    }
    assert_eq!(kept(&super::open(crashed.path()).await).await, acknowledged, "after a restart");
}

#[tokio::test]
async fn a_full_disk_of_postgresql_keeps_what_was_acknowledged_and_recovers_by_itself() {
    let test = "full::a_full_disk_of_postgresql_keeps_what_was_acknowledged_and_recovers_by_itself";
    let Some(disk) = disk_for(test, POSTGRESQL_DISK_MIB, "true") else { return };
    let mut postgres = Postgres::start_in(tempfile::tempdir_in(&disk).unwrap());
    let store = Store::open(&Location::Url(postgres.url())).await.unwrap();
    open_conversation(&store).await;
    let (mut acknowledged, mut next) = (Vec::new(), 1);
    for round in 0..ROUNDS {
        fill(&disk);
        next = post_until_it_is_refused(&store, next, &mut acknowledged).await;
        assert_eq!(kept(&store).await, acknowledged, "round {round}, while it is full");
        make_room(&disk);
        post(&store, next, "there is room").await.unwrap();
        acknowledged.push(next);
        next += 1;
    }
    postgres.restart();
    let store = Store::open(&Location::Url(postgres.url())).await.unwrap();
    assert_eq!(kept(&store).await, acknowledged, "after a crash");
}

#[tokio::test]
async fn a_disk_that_can_only_be_read_is_named_at_the_start() {
    let test = "full::a_disk_that_can_only_be_read_is_named_at_the_start";
    let Some(disk) = disk_for(test, DISK_MIB, "mount -o remount,ro \"$0\"") else { return };
    let opened = Store::open(&Location::Directory(disk)).await;
    let error = opened.map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Directory { .. }), "{error}");
    assert_eq!(error.outage(), Some(Outage::ReadOnly), "{error}");
    assert!(error.to_string().contains("can't be written"), "{error}");
}

/// Posts into a full disk until enough was refused for the true cause: the log that is there already has room for some.
/// The number of the next message.
async fn post_until_it_is_refused(store: &Store, first: u64, acknowledged: &mut Vec<u64>) -> u64 {
    let (mut next, mut refused) = (first, 0);
    while refused < REFUSED {
        match post(store, next, &"words that take room ".repeat(150)).await {
            Ok(_) => {
                acknowledged.push(next);
                next += 1;
            }
            Err(error) => {
                assert_eq!(error.outage(), Some(Outage::DiskFull), "{error}");
                refused += 1;
            }
        }
    }
    next
}

/// The disk on which a test runs. In the test itself there is none yet: it is then run once more, alone,
/// on one of its own, and what comes of that is what comes of the test.
fn disk_for(test: &str, mib: u32, prepare: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(DISK) {
        return Some(disk.into());
    }
    let disk = tempfile::tempdir().unwrap();
    // Who is not root stays who they are, with root's rights over the namespace: PostgreSQL does not run as root.
    let is_root = Path::new("/proc/self").metadata().unwrap().uid() == 0;
    let rights: &[&str] = if is_root { &[] } else { &["--map-current-user", "--keep-caps"] };
    let mount = format!("mount -t tmpfs -o size={mib}m sotto \"$0\"");
    let output = Command::new("unshare")
        .args(rights)
        .args(["--mount", "sh", "-c"])
        .arg(format!("{mount} && {prepare} && exec \"$@\""))
        .arg(disk.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(DISK, disk.path())
        .stdin(Stdio::null())
        .output()
        .expect("unshare (Debian: util-linux) is needed");
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}\n{errors}");
    None
}

fn fill(disk: &Path) {
    let mut filler = std::fs::File::create(disk.join("filler")).unwrap();
    for size in [1 << 16, 1 << 12, 1 << 9] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
}

fn make_room(disk: &Path) {
    std::fs::remove_file(disk.join("filler")).unwrap();
}
