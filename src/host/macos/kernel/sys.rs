//! Calls of the kernel: sysctl(3), getfsstat(2) and Mach. Each port and array that a call hands out is given back.
#![allow(unsafe_code)]

use super::Question;
use crate::host::macos::{boottime, cpu, filesystem, meminfo, netdev};
use libc::{c_int, integer_t, natural_t, statfs};
use mach2::mach_init::mach_host_self;
use mach2::mach_port::mach_port_deallocate;
use mach2::traps::mach_task_self;
use std::mem::{offset_of, size_of};
use std::{io, ptr, slice};

/// Room for the first try: most answers fit.
const FIRST_BYTES: usize = 4096;
/// No answer comes near this.
const MAX_BYTES: usize = 8 << 20;
/// How often a call is repeated whose answer grows while it is asked.
const TRIES: usize = 8;

/// From `net/if_mib.h`.
const NETLINK_GENERIC: c_int = 0;
const IFMIB_IFDATA: c_int = 2;
const IFDATA_GENERAL: c_int = 1;

/// `HOST_VM_INFO64_REV0_COUNT`, in words: what every macOS since 10.9 fills in.
const VM_STATISTICS_WORDS: usize = 38;

pub fn ask(question: Question) -> io::Result<Vec<u8>> {
    match question {
        Question::BootTime => sysctl(&mut [libc::CTL_KERN, libc::KERN_BOOTTIME]),
        Question::CpuLoads => cpu_loads(),
        Question::FileSystems => file_systems(),
        Question::Interface(index) => sysctl(&mut [
            libc::CTL_NET,
            libc::PF_LINK,
            NETLINK_GENERIC,
            IFMIB_IFDATA,
            c_int::from(index),
            IFDATA_GENERAL,
        ]),
        Question::Interfaces => sysctl(&mut [libc::CTL_NET, libc::PF_ROUTE, 0, 0, libc::NET_RT_IFLIST2, 0]),
        Question::MemorySize => sysctl(&mut [libc::CTL_HW, libc::HW_MEMSIZE]),
        Question::PageSize => {
            // SAFETY: the C library sets it before the program starts and nothing changes it.
            let bytes = unsafe { mach2::vm_page_size::vm_kernel_page_size };
            Ok((bytes as u64).to_le_bytes().to_vec())
        }
        Question::SwapUsage => sysctl(&mut [libc::CTL_VM, libc::VM_SWAPUSAGE]),
        Question::VmStatistics => vm_statistics(),
    }
}

fn sysctl(mib: &mut [c_int]) -> io::Result<Vec<u8>> {
    let names = u32::try_from(mib.len()).map_err(io::Error::other)?;
    let mut room = FIRST_BYTES;
    for _ in 0..TRIES {
        let (mut answer, mut len) = (vec![0_u8; room], room);
        // SAFETY: `mib` has `names` elements and `answer` has `len` bytes, which is all that is read and written.
        let status = unsafe {
            libc::sysctl(mib.as_mut_ptr(), names, answer.as_mut_ptr().cast(), &raw mut len, ptr::null_mut(), 0)
        };
        if status == 0 {
            answer.truncate(len);
            return Ok(answer);
        }
        let error = io::Error::last_os_error();
        room *= 4;
        if error.raw_os_error() != Some(libc::ENOMEM) || room > MAX_BYTES {
            return Err(error);
        }
    }
    Err(io::Error::other("the answer grows without end"))
}

fn file_systems() -> io::Result<Vec<u8>> {
    let size = size_of::<statfs>();
    for _ in 0..TRIES {
        // SAFETY: without a buffer the call only counts.
        let there = unsafe { libc::getfsstat(ptr::null_mut(), 0, libc::MNT_NOWAIT) };
        let there = usize::try_from(there).map_err(|_| io::Error::last_os_error())?;
        // One more than are there: a full buffer says that some may be missing. Words keep the alignment.
        let bytes = (there + 1) * size;
        let mut buffer = vec![0_u64; bytes.div_ceil(size_of::<u64>())];
        let room = c_int::try_from(bytes).map_err(io::Error::other)?;
        // SAFETY: the buffer holds at least `room` bytes and is aligned for `statfs`, which has no stricter field than
        // an unsigned 64-bit one.
        let filled = unsafe { libc::getfsstat(buffer.as_mut_ptr().cast(), room, libc::MNT_NOWAIT) };
        let filled = usize::try_from(filled).map_err(|_| io::Error::last_os_error())?;
        if filled <= there {
            // SAFETY: all bytes of the buffer are set, and `filled` structures lie within it.
            return Ok(unsafe { slice::from_raw_parts(buffer.as_ptr().cast::<u8>(), filled * size) }.to_vec());
        }
    }
    Err(io::Error::other("the list of mounts grows without end"))
}

/// The right to ask the host's port, which counts one up each time that it is asked for.
struct Host(libc::mach_port_t);

impl Host {
    fn new() -> Self {
        // SAFETY: takes nothing; hands out a right, which `drop` gives back.
        Self(unsafe { mach_host_self() })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // SAFETY: the right is ours and not used after this. That it fails would mean that it is not there.
        unsafe { mach_port_deallocate(mach_task_self(), self.0) };
    }
}

fn check(status: libc::kern_return_t) -> io::Result<()> {
    match status {
        libc::KERN_SUCCESS => Ok(()),
        status => Err(io::Error::other(format!("the kernel returned {status}"))),
    }
}

fn cpu_loads() -> io::Result<Vec<u8>> {
    let host = Host::new();
    let (mut cpus, mut words, mut loads) = (0 as natural_t, 0, ptr::null_mut::<integer_t>());
    // SAFETY: all three are written and nothing else is.
    check(unsafe {
        libc::host_processor_info(host.0, libc::PROCESSOR_CPU_LOAD_INFO, &raw mut cpus, &raw mut loads, &raw mut words)
    })?;
    if loads.is_null() {
        return Ok(Vec::new());
    }
    let bytes = words as usize * size_of::<integer_t>();
    // SAFETY: the kernel mapped an array of so many words for us.
    let answer = unsafe { slice::from_raw_parts(loads.cast::<u8>(), bytes) }.to_vec();
    // SAFETY: the array is ours, has this size in bytes, and is not used after this.
    check(unsafe { libc::vm_deallocate(mach_task_self(), loads.addr(), bytes) })?;
    Ok(answer)
}

fn vm_statistics() -> io::Result<Vec<u8>> {
    let host = Host::new();
    let mut statistics = [0 as integer_t; VM_STATISTICS_WORDS];
    let mut words = libc::mach_msg_type_number_t::try_from(VM_STATISTICS_WORDS).map_err(io::Error::other)?;
    // SAFETY: `words` says how many there is room for; that many at most are written.
    check(unsafe { libc::host_statistics64(host.0, libc::HOST_VM_INFO64, statistics.as_mut_ptr(), &raw mut words) })?;
    Ok(statistics.iter().take(words as usize).flat_map(|word| word.to_le_bytes()).collect())
}

/// The places that the decoders know are those of the system's headers, as the libc crate has them.
const _: () = {
    assert!(offset_of!(libc::timeval, tv_usec) == boottime::MICROS && size_of::<libc::timeval>() == 16);
    assert!(size_of::<libc::processor_cpu_load_info>() == cpu::STATES * 4);
    assert!(libc::CPU_STATE_MAX as usize == cpu::STATES && libc::CPU_STATE_USER as usize == cpu::USER);
    assert!(libc::CPU_STATE_SYSTEM as usize == cpu::SYSTEM && libc::CPU_STATE_IDLE as usize == cpu::IDLE);
    assert!(libc::CPU_STATE_NICE as usize == cpu::NICE);
};
const _: () = {
    use filesystem::entry as place;
    assert!(size_of::<statfs>() == place::SIZE && align_of::<statfs>() <= align_of::<u64>());
    assert!(offset_of!(statfs, f_bsize) == place::BLOCK && offset_of!(statfs, f_blocks) == place::BLOCKS);
    assert!(offset_of!(statfs, f_bfree) == place::FREE && offset_of!(statfs, f_bavail) == place::AVAIL);
    assert!(offset_of!(statfs, f_files) == place::FILES && offset_of!(statfs, f_ffree) == place::FILES_FREE);
    assert!(offset_of!(statfs, f_flags) == place::FLAGS && offset_of!(statfs, f_fstypename) == place::TYPE);
    assert!(offset_of!(statfs, f_mntonname) == place::POINT && offset_of!(statfs, f_mntfromname) == place::DEVICE);
    assert!(libc::MNT_RDONLY as u32 == place::READ_ONLY);
};
const _: () = {
    use libc::vm_statistics64 as vm;
    use meminfo::place;
    assert!(offset_of!(vm, free_count) == place::FREE && offset_of!(vm, active_count) == place::ACTIVE);
    assert!(offset_of!(vm, inactive_count) == place::INACTIVE && offset_of!(vm, wire_count) == place::WIRED);
    assert!(offset_of!(vm, pageins) == place::PAGE_INS && offset_of!(vm, pageouts) == place::PAGE_OUTS);
    assert!(offset_of!(vm, purgeable_count) == place::PURGEABLE);
    assert!(offset_of!(vm, speculative_count) == place::SPECULATIVE);
    assert!(offset_of!(vm, compressor_page_count) == place::COMPRESSOR);
    assert!(offset_of!(vm, external_page_count) == place::EXTERNAL);
    assert!(offset_of!(vm, internal_page_count) == place::INTERNAL && place::INTERNAL + 4 <= VM_STATISTICS_WORDS * 4);
    assert!(offset_of!(libc::xsw_usage, xsu_total) == place::SWAP_TOTAL);
    assert!(offset_of!(libc::xsw_usage, xsu_used) == place::SWAP_USED);
};
const _: () = {
    use libc::{if_data64, if_msghdr2, ifa_msghdr, ifmibdata, sockaddr_dl};
    use netdev::message::place;
    assert!(offset_of!(if_msghdr2, ifm_addrs) == place::ADDRS && offset_of!(if_msghdr2, ifm_index) == place::INDEX);
    assert!(offset_of!(if_msghdr2, ifm_snd_drops) == place::SEND_DROPS);
    assert!(offset_of!(if_msghdr2, ifm_data) == place::DATA && size_of::<if_msghdr2>() == place::INTERFACE_BYTES);
    assert!(offset_of!(if_data64, ifi_ipackets) == place::COUNTERS);
    assert!(offset_of!(if_data64, ifi_noproto) == place::COUNTERS + 8 * netdev::NOPROTO);
    assert!(offset_of!(if_data64, ifi_obytes) == place::COUNTERS + 8 * netdev::OBYTES);
    assert!(offset_of!(ifmibdata, ifmd_data) == place::MIB_DATA);
    assert!(offset_of!(ifa_msghdr, ifam_addrs) == place::ADDRS && offset_of!(ifa_msghdr, ifam_index) == place::INDEX);
    assert!(size_of::<ifa_msghdr>() == place::ADDRESS_BYTES);
    assert!(offset_of!(sockaddr_dl, sdl_nlen) == place::LINK_NAME_LEN);
    assert!(offset_of!(sockaddr_dl, sdl_data) == place::LINK_NAME);
    assert!(libc::RTM_IFINFO2 == place::RTM_IFINFO2 as c_int && libc::RTM_NEWADDR == place::RTM_NEWADDR as c_int);
    assert!(libc::AF_INET == place::AF_INET as c_int && libc::AF_INET6 == place::AF_INET6 as c_int);
    assert!(libc::RTA_IFP == place::RTA_IFP && libc::RTA_IFA == place::RTA_IFA);
    assert!(libc::RTA_NETMASK == place::RTA_NETMASK);
};
