//! Files in memory. Only Linux has them; elsewhere every request is refused, and callers have a slower path.

use std::ffi::CStr;
use std::fs::File;
use std::io;

/// Creates a file in memory. The system shows its name to people who inspect the process.
///
/// # Errors
/// The system refuses, or has no such files.
#[cfg(target_os = "linux")]
pub fn create(name: &CStr) -> io::Result<File> {
    use std::os::fd::FromRawFd;
    // SAFETY: the name is a string with an end.
    let file = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
    if file < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has just given this handle to us.
    Ok(unsafe { File::from_raw_fd(file) })
}

/// This system has no such files.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn create(_: &CStr) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The largest size of a file: writing beyond it would end the process with a signal.
pub fn largest() -> u64 {
    // SAFETY: all-zero is a valid description, and the call fills it in.
    let limit = unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit);
        limit
    };
    limit.rlim_cur.min(i64::MAX as u64)
}

/// Gives the memory of a part of the file back to the system. Where it refuses, the memory stays until the file is closed,
/// and nothing else changes.
///
/// # Safety
/// No mapping that is in use has this part of the file.
#[cfg(target_os = "linux")]
pub unsafe fn punch_hole(file: &File, offset: u64, len: u64) {
    use std::os::fd::AsRawFd;
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // SAFETY: the caller vouches for the part.
    unsafe { libc::fallocate(file.as_raw_fd(), mode, offset as libc::off_t, len as libc::off_t) };
}

/// There are no files in memory.
///
/// # Safety
/// On this system there is nothing to be kept; elsewhere no mapping that is in use has this part of the file.
#[cfg(not(target_os = "linux"))]
pub unsafe fn punch_hole(_: &File, _: u64, _: u64) {}
