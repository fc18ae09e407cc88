//! The folder of a run: the whole old run, the whole new one, or a draft that is named; never a mixture.
//!
//! A run is written into a draft beside its place, `.NAME.part-RANDOM`, which a rename makes the folder of that name. An older
//! run is first renamed to `.NAME.old-RANDOM`, and removed when the new one has its place. A lock on `.NAME.lock` keeps two
//! runs apart; it dies with its process. What a run that was cut off left behind is named and never removed.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use synfire::recording::file::{random, sync_folder};

use super::Failure;
use super::format::Format;
use super::kept::chunks_of;

pub const RECORD: &str = "record.json";

/// What a run may leave beside its data, the record last.
const OTHERS: [&str; 7] = ["picture.svg", "picture.png", "weights.svg", "weights.png", "positions.svg", "positions.png", RECORD];

/// Whether a run may leave a file of this name.
fn is_of_a_run(name: &str) -> bool {
    Format::place(name).is_some() || OTHERS.contains(&name)
}

/// What desktops put into every folder that is looked at.
const NOBODYS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

pub struct RunFolder {
    /// As it was named.
    shown: PathBuf,
    /// Where the run will be, links followed.
    place: PathBuf,
    draft: PathBuf,
    /// Folders that were not there, the outermost first.
    made: Vec<PathBuf>,
    force: bool,
    lock: Option<Lock>,
    /// What runs that were cut off left beside it, a sentence each.
    pub found: Vec<String>,
}

/// A run that has its place.
pub struct Published {
    pub files: Vec<String>,
    /// An older run that could not be removed.
    pub remark: Option<String>,
}

impl RunFolder {
    /// Makes the draft before the run, so that hours are not spent on what cannot be saved.
    ///
    /// **Errors** an older run is there and `force` is not given; anything else is there; another run is being written to the
    /// same place; the disk.
    pub fn open(path: &Path, force: bool) -> Result<RunFolder, Failure> {
        let unwritable = |e: std::io::Error| Failure::write(path, &e);
        if fs::symlink_metadata(path).is_ok() && fs::canonicalize(path).is_err() {
            return Err(refused(path, "is a link that leads nowhere", "name a folder with --out"));
        }
        // what stands in the way is said before anything is made
        if let Ok(place) = fs::canonicalize(path) {
            may_be_replaced(path, &place, force)?;
        }
        let Some(name) =
            path.file_name().map(PathBuf::from).or_else(|| fs::canonicalize(path).ok()?.file_name().map(PathBuf::from))
        else {
            return Err(refused(path, "has no name that a run could take", "name a folder with --out"));
        };
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut made: Vec<PathBuf> =
            above.ancestors().take_while(|a| !a.as_os_str().is_empty() && !a.exists()).map(Path::to_path_buf).collect();
        made.reverse();
        fs::create_dir_all(above).map_err(unwritable)?;
        let place = match fs::canonicalize(path) {
            Ok(place) => place,
            Err(_) => fs::canonicalize(above).map_err(unwritable)?.join(name),
        };
        let mut folder = RunFolder {
            shown: path.to_path_buf(),
            draft: beside(&place, &format!("part-{}", random())),
            place,
            made,
            force,
            lock: None,
            found: Vec::new(),
        };
        folder.lock = Some(Lock::take(&beside(&folder.place, "lock"), path)?);
        // another run may have taken the place before the lock was ours
        may_be_replaced(path, &folder.place, force)?;
        folder.found = left_over(&folder.place);
        fs::create_dir(&folder.draft).map_err(unwritable)?;
        Ok(folder)
    }

    /// Where files are written now.
    pub fn drafts(&self) -> &Path {
        &self.draft
    }

    /// Where to write a file now.
    pub fn draft(&self, name: &str) -> PathBuf {
        self.draft.join(name)
    }

    /// Takes back that the folder was opened, as long as nothing is written.
    pub fn undo(&self) -> impl FnOnce() + Send + 'static {
        let (draft, lock, made) = (self.draft.clone(), beside(&self.place, "lock"), self.made.clone());
        move || {
            // the process ends: there is nobody left to tell
            let _ = fs::remove_dir(draft);
            let _ = fs::remove_file(lock);
            made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
        }
    }

    /// Whether an older run would be replaced.
    pub fn replaces(&self) -> bool {
        matches!(contents(&self.place), Ok(Contents::Run))
    }

    /// What is in the draft, as a sentence; `None`: nothing.
    pub fn kept(&self) -> Option<String> {
        let whole = files_of(&self.draft);
        (!whole.is_empty()).then(|| format!("`{}` holds, each whole: {}", self.named(&self.draft).display(), whole.join(", ")))
    }

    /// Gives the draft its place. The older run is renamed before, and removed after.
    ///
    /// **Errors** the draft stays, and is named; an older run has its place again.
    pub fn publish(mut self) -> Result<Published, Failure> {
        let files = files_of(&self.draft);
        match self.rename() {
            Ok(aside) => {
                self.made.clear();
                let remark = aside.and_then(|aside| {
                    let error = remove_run(&aside).err()?;
                    Some(format!("the older run is now `{}` and could not be removed: {error}", self.named(&aside).display()))
                });
                Ok(Published { files, remark })
            }
            Err(why) => {
                let kept = self.kept().unwrap_or_default();
                let help = "rename that folder, or run again with another --out";
                let message = format!(
                    "error: the run is whole, but cannot become `{}`: {why}\n  {kept}\n  help: {help}",
                    self.shown.display()
                );
                Err(Failure::disk(message))
            }
        }
    }

    /// Gives the older run, if there was one.
    fn rename(&self) -> Result<Option<PathBuf>, String> {
        let said = |e: std::io::Error| e.to_string();
        sync_folder(&self.draft).map_err(said)?;
        may_be_replaced(&self.shown, &self.place, self.force).map_err(|e| e.message)?;
        let mut aside = None;
        match contents(&self.place).map_err(said)? {
            Contents::Nothing => {}
            // on Windows a rename does not take the place of an empty folder
            Contents::Empty => fs::remove_dir(&self.place).map_err(said)?,
            Contents::Other(names) => return Err(format!("it holds what is not a run's: {}", names.join(", "))),
            Contents::Run => {
                let name = beside(&self.place, &format!("old-{}", random()));
                fs::rename(&self.place, &name).map_err(said)?;
                aside = Some(name);
            }
        }
        if let Err(error) = fs::rename(&self.draft, &self.place) {
            let back = aside.as_ref().map(|aside| fs::rename(aside, &self.place).map_err(|e| (aside, e)));
            return Err(match back {
                Some(Err((aside, e))) => format!("{error}; and the older run stays `{}`: {e}", self.named(aside).display()),
                _ => error.to_string(),
            });
        }
        self.place.parent().map_or(Ok(()), sync_folder).map_err(said)?;
        Ok(aside)
    }

    /// A folder beside the place, as the place was named.
    fn named(&self, beside: &Path) -> PathBuf {
        let above = self.shown.parent().filter(|above| above.is_dir());
        match (above, beside.file_name()) {
            (Some(above), Some(name)) if above.join(name).exists() => above.join(name),
            (None, Some(name)) if Path::new(name).exists() => PathBuf::from(name),
            _ => beside.to_path_buf(),
        }
    }
}

impl Drop for RunFolder {
    /// Nothing is left of a draft that holds nothing; what holds something stays.
    fn drop(&mut self) {
        // a folder that holds something is not removed by this, nor one that has got its place
        let _ = fs::remove_dir(&self.draft);
        self.lock = None;
        self.made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}

/// What stands where a run is to be.
enum Contents {
    Nothing,
    Empty,
    /// A run and nothing else.
    Run,
    /// Not, or not only, a run: what it is.
    Other(Vec<String>),
}

fn contents(place: &Path) -> std::io::Result<Contents> {
    let entries = match fs::read_dir(place) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Contents::Nothing),
        Err(error) => return Err(error),
    };
    let (mut ours, mut others, mut any) = (false, Vec::new(), false);
    let record = is_record(&place.join(RECORD));
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let file = entry.file_type().is_ok_and(|kind| kind.is_file());
        any = true;
        // files of the names of a run without a record are somebody else's
        if record && file && name.to_str().is_some_and(is_of_a_run) {
            ours = true;
        } else if !(file && NOBODYS.iter().any(|known| name == *known)) {
            others.push(name.to_string_lossy().into_owned());
        }
    }
    others.sort();
    Ok(match (others.is_empty(), ours, any) {
        (false, ..) => Contents::Other(others),
        (true, true, _) => Contents::Run,
        (true, false, false) => Contents::Empty,
        (true, false, true) => Contents::Other(vec![NOBODYS[0].into()]),
    })
}

/// Whether a file is the record of a run.
fn is_record(path: &Path) -> bool {
    #[derive(Deserialize)]
    struct Ours {
        #[serde(rename = "version")]
        _version: String,
        #[serde(rename = "network_hash")]
        _network_hash: String,
    }
    fs::read(path).is_ok_and(|text| serde_json::from_slice::<Ours>(&text).is_ok())
}

fn may_be_replaced(path: &Path, place: &Path, force: bool) -> Result<(), Failure> {
    let other = "choose another folder with --out";
    if place.exists() && !place.is_dir() {
        return Err(refused(path, "is a file", "name a folder with --out"));
    }
    match contents(place).map_err(|e| Failure::write(path, &e))? {
        Contents::Nothing => return Ok(()),
        Contents::Run if !force => {
            let help = format!("{other}, or replace the run with --force");
            return Err(refused(path, &format!("holds an older run ({RECORD})"), &help));
        }
        Contents::Other(names) => {
            let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
            let names: Vec<String> = names.iter().take(5).map(|name| name.escape_debug().to_string()).collect();
            let help = format!("{other}, or move them away; --force replaces nothing but runs");
            return Err(refused(path, &format!("holds what is not a run's: {}{more}", names.join(", ")), &help));
        }
        Contents::Empty | Contents::Run => {}
    }
    // a rename takes the place of a folder, which these cannot give up
    if std::env::current_dir().and_then(fs::canonicalize).is_ok_and(|here| here == place) {
        return Err(refused(path, "is the folder you are in", "name a folder in it with --out"));
    }
    if is_mounted(place) {
        return Err(refused(path, "is where a disk is mounted", "name a folder in it with --out"));
    }
    Ok(())
}

#[cfg(unix)]
fn is_mounted(place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|m| m.dev()).ok();
    place.parent().is_none_or(|above| device(above) != device(place))
}

#[cfg(not(unix))]
fn is_mounted(place: &Path) -> bool {
    place.parent().is_none()
}

fn refused(path: &Path, why: &str, help: &str) -> Failure {
    Failure::input(format!("error: `{}` {why}\n  help: {help}", path.display()))
}

/// `.NAME.KIND` beside a folder.
fn beside(place: &Path, kind: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{kind}"));
    place.with_file_name(name)
}

/// Files of a run in a folder, each whole: they have their names.
fn files_of(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().filter(|entry| entry.path().is_file()).map(|entry| entry.file_name());
    let mut files: Vec<String> = names.filter_map(|name| name.into_string().ok()).filter(|name| is_of_a_run(name)).collect();
    // data before pictures, the record last
    files.sort_by_key(|name| (OTHERS.iter().position(|other| other == name), Format::place(name), name.clone()));
    files
}

/// Drafts and older runs beside a place that no process works on, since the lock is ours.
fn left_over(place: &Path) -> Vec<String> {
    let Some(entries) = place.parent().and_then(|above| fs::read_dir(above).ok()) else { return Vec::new() };
    let start = |kind: &str| beside(place, kind).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (part, old) = (start("part-"), start("old-"));
    let mut found: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let what = match () {
                () if name.starts_with(&part) => "a run that did not get its place",
                () if name.starts_with(&old) => "an older run that was to be replaced",
                () => return None,
            };
            let files = files_of(&entry.path());
            let mut holds = if files.is_empty() { "nothing whole".into() } else { files.join(", ") };
            if let Some(part) = chunks_of(&entry.path()).filter(|path| path.extension().is_some_and(|end| end == "part")) {
                let convert = "up to where it was cut off, which `synfire convert` reads";
                holds = format!("{holds}, and `{}` {convert}", part.file_name().unwrap_or_default().display());
            }
            Some(format!("`{}` is {what}, and holds {holds}; it is yours to rename or remove", entry.path().display()))
        })
        .collect();
    found.sort();
    found
}

/// Removes the files of a run and its folder, the record first: without it the rest is no run.
fn remove_run(folder: &Path) -> std::io::Result<()> {
    let files = files_of(folder);
    for name in [RECORD].into_iter().chain(files.iter().map(String::as_str)).chain(NOBODYS) {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::remove_dir(folder)
}

/// The right to write to a place, which ends with the process.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(path: &Path, shown: &Path) -> Result<Lock, Failure> {
        let unwritable = |e: std::io::Error| Failure::write(shown, &e);
        loop {
            let file = File::options().create(true).truncate(false).write(true).open(path).map_err(unwritable)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let help = "wait for it, or choose another folder with --out";
                    return Err(refused(shown, "is being written by another run", help));
                }
                // renames keep runs whole there too; that one may replace the other's folder has to be borne
                Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => {}
                Err(TryLockError::Error(e)) => return Err(unwritable(e)),
            }
            if is_same(&file, path) {
                return Ok(Lock { path: path.to_path_buf(), _file: file });
            }
            // who held it before has removed it, and the next may have made another: that is the one to lock
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // while it is locked, so that only its holder removes it; where files are not told apart it stays, empty
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |m: fs::Metadata| (m.dev(), m.ino());
    matches!((file.metadata().map(place), fs::metadata(path).map(place)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(not(unix))]
fn is_same(_: &File, _: &Path) -> bool {
    true
}
