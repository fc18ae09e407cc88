//! A file is written whole or not at all.
//!
//! In: a path and a closure that writes. Out: the file under its name, or the old one untouched. Not here: what stands in
//! files (`recording`, `network`), the folder of a run (the command).

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Error, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

thread_local! {
    /// Seconds that this thread has waited for disks to confirm.
    static WAITED: Cell<f64> = const { Cell::new(0.0) };
}

/// Seconds that this thread has waited, since it began, until disks confirmed files and their names: what writing took beside the writing.
pub fn waited_s() -> f64 {
    WAITED.get()
}

/// Waits for a disk, and counts the time.
fn waiting<T>(confirm: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = confirm();
    WAITED.set(WAITED.get() + began.elapsed().as_secs_f64());
    done
}

/// Writes a file under a random name in the same folder, flushes it to the disk, then gives it its name.
///
/// So a reader sees the old file or the new one, never a part, and a full disk leaves the old one. A link is followed: what
/// it leads to is replaced, and the link stays.
///
/// **Errors**: what the closure or the file system says (the draft is removed); a folder that is not there; a name that
/// something else than a file has, such as a device, which a rename would replace.
pub fn write(path: &Path, write: impl FnOnce(&mut BufWriter<Disk>) -> io::Result<()>) -> io::Result<()> {
    let mut draft = Draft::create(path)?;
    write(&mut draft.out)?;
    draft.publish()
}

/// A file under a random name beside its place. It gets its name when it is whole; dropped before, it is removed.
pub struct Draft {
    place: PathBuf,
    draft: PathBuf,
    out: BufWriter<Disk>,
    published: bool,
}

impl Draft {
    /// **Errors**: as [`write`].
    pub fn create(path: &Path) -> io::Result<Draft> {
        let place = destination(path)?;
        let mut name = std::ffi::OsString::from(".");
        name.push(place.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", random()));
        let draft = folder_of(&place).join(name);
        planted()?;
        let file = File::options().write(true).read(true).create_new(true).open(&draft)?;
        Ok(Draft { place, draft, out: BufWriter::with_capacity(1 << 16, Disk::new(file)), published: false })
    }

    /// Flushes it to the disk and gives it its name.
    ///
    /// **Errors**: a disk that is full or fails: nothing is left.
    pub fn publish(mut self) -> io::Result<()> {
        self.out.flush()?;
        planted()?;
        waiting(|| self.out.get_ref().file.sync_all())?;
        planted()?;
        fs::rename(&self.draft, &self.place)?;
        self.published = true;
        named(&self.place)
    }
}

/// A file that can be read while it grows: its name has `.part` behind it until it is whole. Dropped before, it stays so.
pub struct Growing {
    place: PathBuf,
    part: PathBuf,
    out: BufWriter<Disk>,
}

impl Growing {
    /// **Errors**: as [`write`]; a `.part` that is there already.
    pub fn create(path: &Path) -> io::Result<Growing> {
        let place = destination(path)?;
        let part = Growing::beside(&place);
        planted()?;
        let file = File::options().write(true).read(true).create_new(true).open(&part).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                let what =
                    "it is there: another run writes it, or one that was cut off has left it; move it elsewhere, or remove it";
                Error::new(ErrorKind::AlreadyExists, what)
            }
            _ => error,
        })?;
        Ok(Growing { place, part, out: BufWriter::with_capacity(1 << 16, Disk::new(file)) })
    }

    /// How a file is called while it grows.
    pub fn beside(path: &Path) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        PathBuf::from(name)
    }

    /// Flushes it to the disk and gives it its name, which an older file loses.
    ///
    /// **Errors**: a disk that is full or fails: it keeps its `.part`.
    pub fn publish(mut self) -> io::Result<()> {
        self.out.flush()?;
        planted()?;
        waiting(|| self.out.get_ref().file.sync_all())?;
        planted()?;
        fs::rename(&self.part, &self.place)?;
        named(&self.place)
    }

    /// **Errors**: what the file system says.
    pub fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.part)
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Bytes that the system gets in one call, up to a multiple of as many in the file. It keeps what it gets in pieces of memory of up to the
/// size of a call, and large ones it must find first: with 4 MiB at a time a copy took 3 to 10 times as long (Linux 6.18, ext4, a virtual machine).
const PIECE: u64 = 1 << 18;

/// The file of a draft: each call may fail, and a test makes each fail.
pub struct Disk {
    file: File,
    /// Where the next byte goes.
    at: u64,
}

impl Disk {
    fn new(file: File) -> Disk {
        Disk { file, at: 0 }
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        planted()?;
        let most = (PIECE - self.at % PIECE) as usize;
        let count = self.file.write(&bytes[..bytes.len().min(most)])?;
        self.at += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        planted()?;
        self.file.flush()
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        planted()?;
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

/// Fails where a test has planted it.
#[cfg(not(test))]
fn planted() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use tests::planted;

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // the error that kept it from its name is the one to tell
            let _ = fs::remove_file(&self.draft);
        }
    }
}

/// The name that a file got is made durable.
fn named(place: &Path) -> io::Result<()> {
    let unsure = |e: Error| Error::new(e.kind(), format!("it has its name, but the disk does not confirm it: {e}"));
    sync_folder(folder_of(place)).map_err(unsure)
}

/// Where the file will be, links followed.
fn destination(path: &Path) -> io::Result<PathBuf> {
    let wrong = |what: String| Err(Error::new(ErrorKind::InvalidInput, what));
    if path.file_name().is_none() {
        return wrong("no file name".into());
    }
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            let Ok(end) = fs::canonicalize(path) else { return wrong("it is a link that leads nowhere".into()) };
            destination(&end)
        }
        Ok(found) if found.is_dir() => wrong("it is a folder".into()),
        Ok(found) if !found.is_file() => wrong("it exists and is no regular file".into()),
        Ok(_) => Ok(path.to_path_buf()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = folder_of(path);
            if folder.is_dir() { Ok(path.to_path_buf()) } else { wrong(format!("there is no folder `{}`", folder.display())) }
        }
        Err(error) => Err(error),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Sixteen digits that no other process has: numbers of processes repeat, in containers every one is 1.
pub fn random() -> String {
    // keys of the standard library's hash maps come from the system's random numbers, and each map's are others
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// Makes names in a folder durable, where folders can be flushed (not on Windows).
///
/// **Errors**: a disk that fails.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| waiting(|| folder.sync_all())) {
        // not every file system flushes folders, nor may everyone read each
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            Ok(())
        }
        done => done,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    thread_local! {
        /// Calls of this thread until one fails as a broken disk does; those behind it go well.
        static CALLS: Cell<Option<u32>> = const { Cell::new(None) };
    }

    pub(crate) fn planted() -> io::Result<()> {
        let left = CALLS.get();
        CALLS.set(left.and_then(|left| left.checked_sub(1)));
        if left == Some(0) { Err(Error::from_raw_os_error(5)) } else { Ok(()) }
    }

    /// Writes a file once for each of the calls that it takes, of which that one fails (EIO): each is told, the old file stays
    /// whole and nothing else is left. Gives how many there were.
    pub(crate) fn each_call_fails(path: &Path, write: &dyn Fn(&Path) -> Result<(), String>) -> u32 {
        write(path).unwrap();
        let whole = fs::read(path).unwrap();
        let folder = folder_of(path);
        let count = names(folder).len();
        for calls in 0.. {
            CALLS.set(Some(calls));
            let outcome = write(path);
            let met = CALLS.take().is_none();
            let what = format!("call {calls}: {outcome:?}");
            assert_eq!(outcome.is_err(), met, "{what}");
            assert_eq!((fs::read(path).unwrap() == whole, names(folder).len()), (true, count), "{what}");
            match outcome {
                Err(error) => assert!(error.contains("os error 5"), "{what}"),
                Ok(()) => return calls,
            }
        }
        0
    }

    /// Lets the call of this thread fail that is behind so many that go well.
    pub(crate) fn fail_behind(calls: u32) {
        CALLS.set(Some(calls));
    }

    /// Whether a call of the disk failed in what is done: the one behind so many that go well.
    pub(crate) fn failing_behind<T>(calls: u32, work: impl FnOnce() -> T) -> (T, bool) {
        CALLS.set(Some(calls));
        let done = work();
        (done, CALLS.take().is_none())
    }

    #[test]
    fn a_disk_that_fails_once_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let long = vec![b'x'; 300_000];
        let all = |path: &Path| {
            let written = write(path, |out| {
                out.write_all(b"head")?;
                out.write_all(&long[..70_000])?;
                out.seek(SeekFrom::Start(2))?;
                out.write_all(&long)
            });
            written.map_err(|e| e.to_string())
        };
        assert!(each_call_fails(&path, &all) > 6);
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A writer that takes so many bytes, then fails as a full disk does.
    struct Full<'a>(&'a mut dyn Write, usize);

    impl Write for Full<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1 == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            let count = bytes.len().min(self.1);
            self.1 -= count;
            self.0.write(&bytes[..count])
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, |out| out.write_all(b"old")).unwrap();
        for room in 0..20 {
            let failed = write(&path, |out| Full(out, room).write_all(&[b'n'; 20]));
            assert_eq!(failed.unwrap_err().kind(), ErrorKind::StorageFull);
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(folder.path()), ["a.txt"]);
        }
        write(&path, |out| Full(out, 20).write_all(&[b'n'; 20])).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [b'n'; 20]);
        assert!(write(&folder.path().join(".."), |_| Ok(())).is_err());
    }

    #[test]
    fn no_folder_is_made_on_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let failed = write(&folder.path().join("deep/a.txt"), |out| out.write_all(b"new"));
        assert!(failed.unwrap_err().to_string().contains("there is no folder"));
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced_and_links_stay() {
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let _socket = UnixListener::bind(at("socket")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        symlink("/dev/null", at("null")).unwrap();
        for (name, said) in
            [("socket", "no regular file"), ("folder", "is a folder"), ("dangling", "leads nowhere"), ("null", "no regular file")]
        {
            let failed = write(&at(name), |out| out.write_all(b"new")).unwrap_err();
            assert!(failed.to_string().contains(said), "{name}: {failed}");
        }
        for device in ["/dev/full", "/dev/null"] {
            assert!(write(Path::new(device), |_| Ok(())).unwrap_err().to_string().contains("no regular file"), "{device}");
        }
        fs::write(at("end"), "old").unwrap();
        symlink("end", at("link")).unwrap();
        write(&at("link"), |out| out.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert_eq!(fs::read(at("end")).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["dangling", "end", "folder", "link", "null", "socket"]);
    }

    #[test]
    fn random_names_differ() {
        let names: std::collections::HashSet<String> = (0..1000).map(|_| random()).collect();
        assert!(names.len() == 1000 && names.iter().all(|name| name.len() == 16));
    }
}
