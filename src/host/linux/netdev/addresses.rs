//! Addresses of network devices, with `--collector.netdev.address-info`. Source: rtnetlink(7).

use crate::host::CollectError;
use crate::host::addresses::Address;
use crate::host::filter::Filter;
use crate::host::linux::netlink::{address, dump, link};
use std::collections::HashMap;

/// Asks for the addresses of the devices that the filter lets through.
pub fn read(filter: &Filter) -> Result<Vec<Address>, CollectError> {
    let links = dump(&link::QUESTION, link::decode)?.into_iter();
    let names: HashMap<u32, String> = links.map(|link| (link.index, link.name)).collect();
    let found = dump(&address::QUESTION, address::decode)?.into_iter().filter_map(|address| {
        let device = names.get(&address.link).filter(|name| !filter.ignores(name))?;
        Some(Address { device: device.clone(), ip: address.ip?.to_canonical(), prefix: address.prefix })
    });
    Ok(found.collect())
}
