//! System calls of the receiving threads that the standard library has no name for.

#![allow(unsafe_code)]

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

/// Datagrams read at once. More bring nothing: the price of a packet is the kernel's.
pub const BATCH: usize = 16;

/// What is beyond is cut off. No datagram of UDP is longer: its length has 16 bits (RFC 768). One of a unix socket may be.
pub const MAX_DATAGRAM_BYTES: usize = 65_536;

/// What came of a datagram.
#[derive(Clone, Copy, Debug, Default)]
pub struct Came {
    /// Bytes in its piece of the buffer.
    pub length: usize,
    /// Whether there were more.
    pub is_cut: bool,
}

/// Who sent the datagrams of a batch; `None` for one that has no IP address.
pub type Senders = [Option<IpAddr>; BATCH];

/// Reads up to [`BATCH`] datagrams that are there already, each into its own piece of `buffer`, and notes what came and,
/// where asked to, from whom. Returns how many came; an empty queue is [`io::ErrorKind::WouldBlock`]. Source:
/// recvmmsg(2).
#[cfg(target_os = "linux")]
pub fn receive(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
    datagrams: &mut [Came; BATCH],
    senders: Option<&mut Senders>,
) -> io::Result<usize> {
    assert_eq!(buffer.len(), BATCH * MAX_DATAGRAM_BYTES, "a piece for each datagram");
    let mut pieces = buffer.chunks_exact_mut(MAX_DATAGRAM_BYTES);
    let mut vectors = [(); BATCH].map(|()| match pieces.next() {
        Some(piece) => libc::iovec { iov_base: piece.as_mut_ptr().cast(), iov_len: piece.len() },
        None => libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 },
    });
    // SAFETY: all-zero is a valid mmsghdr: null pointers with lengths of 0.
    let mut messages: [libc::mmsghdr; BATCH] = unsafe { std::mem::zeroed() };
    for (message, vector) in messages.iter_mut().zip(&mut vectors) {
        message.msg_hdr.msg_iov = vector;
        message.msg_hdr.msg_iovlen = 1;
    }
    // SAFETY: all-zero is a valid sockaddr_storage: a family of no kind.
    let mut names = senders.is_some().then(|| unsafe { std::mem::zeroed::<[libc::sockaddr_storage; BATCH]>() });
    for (message, name) in messages.iter_mut().zip(names.iter_mut().flatten()) {
        message.msg_hdr.msg_namelen = name_length();
        message.msg_hdr.msg_name = std::ptr::from_mut(name).cast();
    }
    // The type of the flags differs between C libraries; a batch is small.
    #[allow(clippy::unnecessary_cast, clippy::cast_possible_truncation)]
    let (count, flags) = (BATCH as libc::c_uint, libc::MSG_DONTWAIT as _);
    // SAFETY: `messages` holds `count` headers; each points to one vector, each vector to a piece of `buffer` of its
    // own, and each name to room of the length that stands beside it. All of them outlive the call, which keeps no
    // pointer. A null timeout means none.
    let came = unsafe { libc::recvmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), count, flags, std::ptr::null_mut()) };
    let came = usize::try_from(came).map_err(|_| io::Error::last_os_error())?;
    for (datagram, message) in datagrams.iter_mut().zip(&messages).take(came) {
        let is_cut = message.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
        *datagram = Came { length: message.msg_len as usize, is_cut };
    }
    for (sender, name) in senders.into_iter().flatten().zip(names.iter().flatten()).take(came) {
        *sender = host(name);
    }
    Ok(came)
}

/// Room for a name, in bytes.
fn name_length() -> libc::socklen_t {
    #[allow(clippy::cast_possible_truncation)] // 128.
    let length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    length
}

/// The IP address of a socket's name, if it has one.
fn host(name: &libc::sockaddr_storage) -> Option<IpAddr> {
    let pointer = std::ptr::from_ref(name);
    match libc::c_int::from(name.ss_family) {
        libc::AF_INET => {
            // SAFETY: a storage has the size and alignment of every kind of name, and its family says that it is this one.
            let name = unsafe { &*pointer.cast::<libc::sockaddr_in>() };
            Some(Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: likewise.
            let name = unsafe { &*pointer.cast::<libc::sockaddr_in6>() };
            Some(Ipv6Addr::from(name.sin6_addr.s6_addr).into())
        }
        _ => None,
    }
}

/// The same for systems without recvmmsg: one recvfrom(2) a datagram. It does not say whether there were more bytes; of one
/// that fills its piece there may have been.
#[cfg(not(target_os = "linux"))]
pub fn receive(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
    datagrams: &mut [Came; BATCH],
    mut senders: Option<&mut Senders>,
) -> io::Result<usize> {
    for (came, piece) in buffer.chunks_exact_mut(MAX_DATAGRAM_BYTES).take(BATCH).enumerate() {
        // SAFETY: all-zero is a valid sockaddr_storage: a family of no kind.
        let mut name: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
        let mut room = name_length();
        let (place, flags) = (std::ptr::from_mut(&mut name).cast(), libc::MSG_DONTWAIT);
        // SAFETY: pointers and lengths are those of `piece` and `name`, which outlive the call.
        let length = unsafe {
            libc::recvfrom(socket.as_raw_fd(), piece.as_mut_ptr().cast(), piece.len(), flags, place, &raw mut room)
        };
        match usize::try_from(length) {
            Ok(length) => {
                datagrams[came] = Came { length, is_cut: length == piece.len() };
                if let Some(senders) = &mut senders {
                    senders[came] = host(&name);
                }
            }
            Err(_) if came > 0 => return Ok(came),
            Err(_) => return Err(io::Error::last_os_error()),
        }
    }
    Ok(BATCH)
}

/// Datagrams that the kernel dropped at a socket since it was made, modulo 2^32; `None` where the system does not say.
/// Source: socket(7), `SO_MEMINFO`; `sk_drops` is also what `SO_RXQ_OVFL` and `/proc/net/udp` show. Since Linux 4.12.
#[cfg(target_os = "linux")]
pub fn dropped(socket: BorrowedFd<'_>) -> Option<u32> {
    /// Place of `SK_MEMINFO_DROPS` in the answer. Source: include/uapi/linux/sock_diag.h.
    const DROPS: usize = 8;
    let mut figures = [0_u32; 16];
    let mut bytes = libc::socklen_t::try_from(size_of_val(&figures)).ok()?;
    // SAFETY: the kernel writes at most `bytes` bytes into `figures` and says in `bytes` how many they were.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            figures.as_mut_ptr().cast(),
            &raw mut bytes,
        )
    };
    (result == 0 && bytes as usize > DROPS * size_of::<u32>()).then(|| figures[DROPS])
}

/// Where the kernel does not say what it dropped at a socket.
#[cfg(not(target_os = "linux"))]
pub fn dropped(_: BorrowedFd<'_>) -> Option<u32> {
    None
}
