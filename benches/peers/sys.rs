//! sendmmsg(2), which the standard library has no name for.

#![allow(unsafe_code)]

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

/// Datagrams in one call.
pub const BATCH: usize = 32;

/// Sends datagrams on a connected socket, the first [`BATCH`] of them at most, and returns how many went.
pub fn send(socket: &UdpSocket, packets: &[&[u8]]) -> io::Result<usize> {
    let count = packets.len().min(BATCH);
    let mut vectors = [libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 }; BATCH];
    // SAFETY: all-zero is a valid mmsghdr: null pointers with lengths of 0.
    let mut messages: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
    for ((message, vector), packet) in messages.iter_mut().zip(&mut vectors).zip(packets) {
        *vector = libc::iovec { iov_base: packet.as_ptr().cast_mut().cast(), iov_len: packet.len() };
        message.msg_hdr.msg_iov = vector;
        message.msg_hdr.msg_iovlen = 1;
    }
    // The type of the flags differs between C libraries; a batch is small.
    #[allow(clippy::cast_possible_truncation)]
    let length = count as libc::c_uint;
    // SAFETY: `messages` holds `length` headers, each of one vector, each of a packet that outlives the call; the kernel
    // only reads them.
    let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), length, 0) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}
