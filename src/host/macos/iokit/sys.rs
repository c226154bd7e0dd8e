//! Calls of IOKit and CoreFoundation. `CFRetained`, [`Object`] and [`Pool`] give back what a call hands out.
#![allow(unsafe_code)]

use super::{Drive, Properties, Sensor, Value};
use objc2_core_foundation::{
    CFArray, CFBoolean, CFDictionary, CFNumber, CFRetained, CFString, CFType, CFURL,
    kCFURLVolumeAvailableCapacityForImportantUsageKey,
};
use objc2_io_kit::{
    IOIteratorNext, IOObjectRelease, IOPMCopyCPUPowerStatus, IOPSCopyPowerSourcesInfo, IOPSCopyPowerSourcesList,
    IOPSGetPowerSourceDescription, IORegistryEntryCreateCFProperty, IORegistryEntryGetChildEntry,
    IOServiceGetMatchingServices, IOServiceMatching, io_object_t, kIOReturnNotFound, kIOReturnUnsupported,
    kIOServicePlane,
};
use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::{io, iter};

/// `kIOMainPortDefault`, which older systems have under another name only.
const MAIN_PORT: libc::mach_port_t = 0;

/// An object of IOKit that we hold.
struct Object(io_object_t);

impl Object {
    /// The object that a call handed out, if it did.
    fn new(raw: io_object_t) -> Option<Self> {
        (raw != 0).then_some(Self(raw))
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        IOObjectRelease(self.0);
    }
}

#[link(name = "objc", kind = "dylib")]
unsafe extern "C" {
    fn objc_autoreleasePoolPush() -> *mut c_void;
    fn objc_autoreleasePoolPop(pool: *mut c_void);
}

/// Takes what the frameworks leave for later, which a thread without a pool would keep for good.
struct Pool(*mut c_void);

impl Pool {
    fn new() -> Self {
        // SAFETY: a pool may be opened at any time; `drop` closes it on the same thread, as the pointer is not `Send`.
        Self(unsafe { objc_autoreleasePoolPush() })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: this is the pool that was opened; pools are closed in reverse, as values are dropped.
        unsafe { objc_autoreleasePoolPop(self.0) };
    }
}

fn failed(status: u32) -> io::Error {
    io::Error::other(format!("IOKit returned {status:#x}"))
}

pub fn drives() -> io::Result<Vec<Drive>> {
    let _pool = Pool::new();
    // SAFETY: the name ends with a zero.
    let matching = unsafe { IOServiceMatching(c"IOBlockStorageDriver".as_ptr()) };
    let matching = matching.ok_or_else(|| io::Error::other("IOServiceMatching returned nothing"))?;
    let mut drivers = 0;
    // SAFETY: the call takes over the dictionary and writes the iterator.
    let status = unsafe {
        IOServiceGetMatchingServices(MAIN_PORT, Some(CFRetained::<CFDictionary>::from(&matching)), &raw mut drivers)
    };
    if status != libc::KERN_SUCCESS {
        return Err(failed(status.cast_unsigned()));
    }
    let Some(drivers) = Object::new(drivers) else { return Ok(Vec::new()) };
    Ok(iter::from_fn(|| Object::new(IOIteratorNext(drivers.0))).filter_map(|driver| drive(&driver)).collect())
}

/// A driver with the whole disk above it; an empty card reader has none.
fn drive(driver: &Object) -> Option<Drive> {
    let mut media = 0;
    // SAFETY: the plane is a text with a zero at its end, which is only read; the entry is written.
    let status =
        unsafe { IORegistryEntryGetChildEntry(driver.0, kIOServicePlane.as_ptr().cast_mut().cast(), &raw mut media) };
    let media = Object::new(media).filter(|_| status == libc::KERN_SUCCESS)?;
    let name = property(&media, "BSD Name")?.downcast_ref::<CFString>()?.to_string();
    let statistics = properties(property(driver, "Statistics")?.downcast_ref::<CFDictionary>()?);
    Some(Drive { name, statistics })
}

fn property(entry: &Object, key: &'static str) -> Option<CFRetained<CFType>> {
    // SAFETY: the entry is held by the caller; no allocator is the default one.
    unsafe { IORegistryEntryCreateCFProperty(entry.0, Some(&CFString::from_static_str(key)), None, 0) }
}

fn properties(dictionary: &CFDictionary) -> Properties {
    // SAFETY: IOKit's dictionaries are property lists, whose keys and values are all of CoreFoundation.
    let dictionary = unsafe { dictionary.cast_unchecked::<CFType, CFType>() };
    let (keys, values) = dictionary.to_vecs();
    let pair = |(key, value): (&CFRetained<CFType>, &CFRetained<CFType>)| {
        Some((key.downcast_ref::<CFString>()?.to_string(), self::value(value)?))
    };
    keys.iter().zip(&values).filter_map(pair).collect()
}

fn value(value: &CFType) -> Option<Value> {
    if let Some(text) = value.downcast_ref::<CFString>() {
        Some(Value::Text(text.to_string()))
    } else if let Some(switch) = value.downcast_ref::<CFBoolean>() {
        Some(Value::Switch(switch.as_bool()))
    } else {
        value.downcast_ref::<CFNumber>().and_then(number).map(Value::Number)
    }
}

/// Counts of bytes are whole numbers of 64 bits; what is not one is a fraction.
fn number(number: &CFNumber) -> Option<f64> {
    number.as_i64().map(|whole| whole as f64).or_else(|| number.as_f64())
}

pub fn power_sources() -> io::Result<Vec<Properties>> {
    let _pool = Pool::new();
    let blob = IOPSCopyPowerSourcesInfo().ok_or_else(|| io::Error::other("it returned nothing"))?;
    // SAFETY: the blob is what the call before gave.
    let Some(sources) = (unsafe { IOPSCopyPowerSourcesList(Some(&blob)) }) else { return Ok(Vec::new()) };
    // SAFETY: its documentation says that all elements are of CoreFoundation.
    let sources = unsafe { CFRetained::cast_unchecked::<CFArray<CFType>>(sources) };
    let describe = |source: CFRetained<CFType>| {
        // SAFETY: the source is one of those that the blob lists.
        let description = unsafe { IOPSGetPowerSourceDescription(Some(&blob), Some(&source)) }?;
        Some(properties(&description))
    };
    Ok(sources.iter().filter_map(describe).collect())
}

pub fn cpu_power_status() -> io::Result<Option<Properties>> {
    let _pool = Pool::new();
    let mut status: *const CFDictionary = ptr::null();
    // SAFETY: the pointer is written, and nothing else.
    let code = unsafe { IOPMCopyCPUPowerStatus(&raw mut status) };
    // SAFETY: what the call hands out is ours to release.
    let status = NonNull::new(status.cast_mut()).map(|status| unsafe { CFRetained::from_raw(status) });
    let code = code.cast_unsigned();
    if [kIOReturnNotFound, kIOReturnUnsupported].contains(&code) {
        Ok(None)
    } else if code == 0 {
        Ok(status.map(|status| properties(&status)))
    } else {
        Err(failed(code))
    }
}

pub fn purgeable(point: &str) -> Option<f64> {
    let _pool = Pool::new();
    let url = CFURL::from_directory_path(point)?;
    let mut value: *const CFType = ptr::null();
    // SAFETY: the key is a constant of the framework; the call writes an object, or nothing, where it is told to, and
    // no error where none is asked for.
    let found = unsafe {
        let key = kCFURLVolumeAvailableCapacityForImportantUsageKey;
        url.resource_property_for_key(key, (&raw mut value).cast(), ptr::null_mut())
    };
    // SAFETY: what the call hands out is ours to release.
    let value = NonNull::new(value.cast_mut()).map(|value| unsafe { CFRetained::from_raw(value) })?;
    if found { number(value.downcast_ref::<CFNumber>()?) } else { None }
}

/// Intel: the sensors of the system's controller, which sysinfo knows.
#[cfg(not(target_arch = "aarch64"))]
pub fn temperatures() -> Vec<Sensor> {
    let _pool = Pool::new();
    let Ok(components) = sysinfo::Components::new_with_refreshed_list() else { return Vec::new() };
    let sensor = |component: &sysinfo::Component| {
        let celsius = component.temperature()?.into();
        Some(Sensor { product: component.label().to_owned(), location: None, registry_id: None, celsius })
    };
    components.iter().filter_map(sensor).collect()
}

#[cfg(target_arch = "aarch64")]
pub use hid::temperatures;

/// Apple silicon: the sensors of Apple's page among the HID services, each of those that share a name.
#[cfg(target_arch = "aarch64")]
mod hid {
    use super::{Pool, Sensor, number};
    use objc2_core_foundation::{CFAllocator, CFArray, CFDictionary, CFNumber, CFRetained, CFString, CFType};
    use objc2_io_kit::{IOHIDEventSystemClient, IOHIDServiceClient};
    use std::ptr::NonNull;

    const APPLE_VENDOR_PAGE: i32 = 0xff00;
    const TEMPERATURE_SENSOR: i32 = 5;
    const TEMPERATURE_EVENT: i64 = 15;
    /// `IOHIDEventFieldBase`: the first field of the event.
    const TEMPERATURE_FIELD: i64 = TEMPERATURE_EVENT << 16;

    // In no public header. Each argument fills its register whole, so that the width that IOKit reads does not matter.
    #[link(name = "IOKit", kind = "framework")]
    unsafe extern "C" {
        fn IOHIDEventSystemClientCreate(allocator: Option<&CFAllocator>) -> Option<NonNull<IOHIDEventSystemClient>>;
        fn IOHIDEventSystemClientSetMatching(client: &IOHIDEventSystemClient, matching: &CFDictionary) -> i32;
        fn IOHIDServiceClientCopyEvent(
            service: &IOHIDServiceClient,
            event: i64,
            matching: Option<&CFType>,
            options: i64,
        ) -> Option<NonNull<CFType>>;
        fn IOHIDEventGetFloatValue(event: &CFType, field: i64) -> f64;
        fn IOHIDServiceClientGetRegistryID(service: &IOHIDServiceClient) -> Option<&CFType>;
    }

    pub fn temperatures() -> Vec<Sensor> {
        let _pool = Pool::new();
        // SAFETY: no allocator is the default one; what the call hands out is ours to release.
        let client = unsafe { IOHIDEventSystemClientCreate(None).map(|client| CFRetained::from_raw(client)) };
        let Some(client) = client else { return Vec::new() };
        let keys = [CFString::from_static_str("PrimaryUsagePage"), CFString::from_static_str("PrimaryUsage")];
        let values = [CFNumber::new_i32(APPLE_VENDOR_PAGE), CFNumber::new_i32(TEMPERATURE_SENSOR)];
        let matching = CFDictionary::from_slices(&keys.each_ref().map(|key| &**key), &values.each_ref().map(|n| &**n));
        // SAFETY: both live; the client copies what it needs. What does not match is told by having no event.
        unsafe { IOHIDEventSystemClientSetMatching(&client, matching.as_opaque()) };
        let Some(services) = client.services() else { return Vec::new() };
        // SAFETY: its documentation says that all elements are services.
        let services = unsafe { CFRetained::cast_unchecked::<CFArray<IOHIDServiceClient>>(services) };
        services.iter().filter_map(|service| sensor(&service)).collect()
    }

    fn sensor(service: &IOHIDServiceClient) -> Option<Sensor> {
        // SAFETY: the service is alive; what the call hands out is ours to release.
        let event = unsafe {
            let event = IOHIDServiceClientCopyEvent(service, TEMPERATURE_EVENT, None, 0)?;
            CFRetained::from_raw(event)
        };
        // SAFETY: the event is one of temperature, which has this field.
        let celsius = unsafe { IOHIDEventGetFloatValue(&event, TEMPERATURE_FIELD) };
        let property = |key| service.property(&CFString::from_static_str(key));
        let text = |value: CFRetained<CFType>| Some(value.downcast_ref::<CFString>()?.to_string());
        // SAFETY: the service is alive, and the identity lives as long as it.
        let registry_id = unsafe { IOHIDServiceClientGetRegistryID(service) };
        Some(Sensor {
            product: property("Product").and_then(text).unwrap_or_else(|| "Unknown".to_owned()),
            location: property("LocationID").and_then(|value| number(value.downcast_ref()?)),
            registry_id: registry_id.and_then(|id| number(id.downcast_ref()?)),
            celsius,
        })
    }
}
