//! Files of the operating system.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::{FileAction, FileError, LogDir, LogFile};

/// A directory of the operating system.
#[derive(Clone, Debug)]
pub struct FsDir {
    path: PathBuf,
}

impl FsDir {
    /// The directory at `path`, which is made, durably, if it is not there.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        if !path.is_dir() {
            fs::create_dir_all(path).map_err(failed(FileAction::Create))?;
            if let Some(parent) = path.parent().filter(|parent| parent.is_dir()) {
                sync_dir(parent)?;
            }
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    fn file(
        &self,
        name: &str,
        create: bool,
        action: FileAction,
    ) -> Result<Box<dyn LogFile>, FileError> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create_new(create);
        let file = options.open(self.path.join(name)).map_err(failed(action))?;
        let len = file.metadata().map_err(failed(action))?.len();
        Ok(Box::new(FsFile { file, len }))
    }
}

fn failed(action: FileAction) -> impl Fn(io::Error) -> FileError {
    move |error| FileError::from_io(action, &error)
}

fn sync_dir(path: &Path) -> Result<(), FileError> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(failed(FileAction::Sync))
}

impl LogDir for FsDir {
    fn names(&self) -> Result<Vec<String>, FileError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed(FileAction::List))? {
            let entry = entry.map_err(failed(FileAction::List))?;
            let is_file = entry
                .file_type()
                .map_err(failed(FileAction::List))?
                .is_file();
            if let (true, Ok(name)) = (is_file, entry.file_name().into_string()) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn open(&self, name: &str) -> Result<Box<dyn LogFile>, FileError> {
        self.file(name, false, FileAction::Open)
    }

    fn create(&self, name: &str) -> Result<Box<dyn LogFile>, FileError> {
        self.file(name, true, FileAction::Create)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let renamed = fs::rename(self.path.join(from), self.path.join(to));
        renamed.map_err(failed(FileAction::Rename))
    }

    fn remove(&self, name: &str) -> Result<(), FileError> {
        fs::remove_file(self.path.join(name)).map_err(failed(FileAction::Remove))
    }

    fn sync(&self) -> Result<(), FileError> {
        sync_dir(&self.path)
    }
}

struct FsFile {
    file: File,
    len: u64,
}

impl LogFile for FsFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.file
            .write_all_at(bytes, self.len)
            .map_err(failed(FileAction::Append))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), FileError> {
        self.file.sync_data().map_err(failed(FileAction::Sync))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), FileError> {
        self.file
            .read_exact_at(out, offset)
            .map_err(failed(FileAction::Read))
    }

    fn truncate(&mut self, len: u64) -> Result<(), FileError> {
        self.file
            .set_len(len)
            .map_err(failed(FileAction::Truncate))?;
        self.len = len;
        Ok(())
    }
}
