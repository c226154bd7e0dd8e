# Made from tallyd's tables by: BLESS=1 cargo test --test generated
# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_tallyd_global_optspecs
    string join \n h help web.listen-address= web.systemd-socket no-web.systemd-socket web.unixsocket-mode= web.config.file= web.telemetry-path= web.scrape-timeout-offset= web.enable-openmetrics no-web.enable-openmetrics web.enable-openmetrics-created no-web.enable-openmetrics-created web.enable-lifecycle no-web.enable-lifecycle web.disable-exporter-metrics no-web.disable-exporter-metrics web.compat-build-info no-web.compat-build-info statsd.listen-udp= statsd.listen-tcp= statsd.listen-unixgram= statsd.listen-unixstream= statsd.allow-from= statsd.unixsocket-mode= statsd.relay.address= statsd.relay.packet-length= statsd.mapping-config= debug.dump-fsm= statsd.read-buffer= statsd.cache-size= statsd.parse-dogstatsd-tags no-statsd.parse-dogstatsd-tags statsd.parse-influxdb-tags no-statsd.parse-influxdb-tags statsd.parse-librato-tags no-statsd.parse-librato-tags statsd.parse-signalfx-tags no-statsd.parse-signalfx-tags statsd.parse-graphite-tags no-statsd.parse-graphite-tags statsd.dogstatsd-bare-tags no-statsd.dogstatsd-bare-tags statsd.container-id no-statsd.container-id statsd.set-window= statsd.state-file= statsd.zero-first no-statsd.zero-first check-config no-check-config web.max-requests= web.max-connections= web.max-connections-per-address= web.max-header-bytes= web.read-header-timeout= web.idle-timeout= web.write-timeout= web.max-failed-logins= statsd.max-connections= statsd.max-connections-per-address= statsd.idle-timeout= statsd.max-line-length= statsd.max-frame-length= statsd.max-name-length= statsd.max-tags= statsd.max-label-length= statsd.max-series= statsd.max-series-per-metric= statsd.max-mapping-size= statsd.max-mapping-rules= statsd.max-regex-size= statsd.relay.buffer-size= limit.memory= path.procfs= path.sysfs= path.rootfs= path.udev.data= collector.disable-defaults no-collector.disable-defaults host.backend= collector.arp no-collector.arp collector.arp.device-include= collector.arp.device-exclude= collector.arp.netlink no-collector.arp.netlink collector.bcache no-collector.bcache collector.bcache.priorityStats no-collector.bcache.priorityStats collector.bcachefs no-collector.bcachefs collector.bonding no-collector.bonding collector.btrfs no-collector.btrfs collector.buddyinfo no-collector.buddyinfo collector.cgroups no-collector.cgroups collector.conntrack no-collector.conntrack collector.containers no-collector.containers collector.containers.id-include= collector.containers.id-exclude= collector.containers.max= collector.cpu no-collector.cpu collector.cpu.guest no-collector.cpu.guest collector.cpu.info no-collector.cpu.info collector.cpu.info.flags-include= collector.cpu.info.bugs-include= collector.cpu_vulnerabilities no-collector.cpu_vulnerabilities collector.cpufreq no-collector.cpufreq collector.diskstats no-collector.diskstats collector.diskstats.device-exclude= collector.diskstats.device-include= collector.dmi no-collector.dmi collector.dmmultipath no-collector.dmmultipath collector.drbd no-collector.drbd collector.edac no-collector.edac collector.entropy no-collector.entropy collector.fibrechannel no-collector.fibrechannel collector.filefd no-collector.filefd collector.filesystem no-collector.filesystem collector.filesystem.mount-points-exclude= collector.filesystem.mount-points-include= collector.filesystem.fs-types-exclude= collector.filesystem.fs-types-include= collector.filesystem.mount-timeout= collector.filesystem.stat-workers= collector.hwmon no-collector.hwmon collector.hwmon.chip-include= collector.hwmon.chip-exclude= collector.hwmon.sensor-include= collector.hwmon.sensor-exclude= collector.infiniband no-collector.infiniband collector.infiniband.device-include= collector.infiniband.device-exclude= collector.interrupts no-collector.interrupts collector.interrupts.name-include= collector.interrupts.name-exclude= collector.interrupts.include-zeros no-collector.interrupts.include-zeros collector.ipvs no-collector.ipvs collector.ipvs.backend-labels= collector.kernel_hung no-collector.kernel_hung collector.ksmd no-collector.ksmd collector.lnstat no-collector.lnstat collector.loadavg no-collector.loadavg collector.mdadm no-collector.mdadm collector.meminfo no-collector.meminfo collector.meminfo_numa no-collector.meminfo_numa collector.mountstats no-collector.mountstats collector.netclass no-collector.netclass collector.netclass.ignored-devices= collector.netclass.ignore-invalid-speed no-collector.netclass.ignore-invalid-speed collector.netclass.netlink no-collector.netclass.netlink collector.netclass_rtnl.with-stats no-collector.netclass_rtnl.with-stats collector.netdev no-collector.netdev collector.netdev.device-include= collector.netdev.device-exclude= collector.netdev.netlink no-collector.netdev.netlink collector.netdev.address-info no-collector.netdev.address-info collector.netdev.label-ifalias no-collector.netdev.label-ifalias collector.netdev.enable-detailed-metrics no-collector.netdev.enable-detailed-metrics collector.netstat no-collector.netstat collector.netstat.fields= collector.nfs no-collector.nfs collector.nfsd no-collector.nfsd collector.nvme no-collector.nvme collector.os no-collector.os collector.pcidevice no-collector.pcidevice collector.pcidevice.idsfile= collector.pcidevice.names no-collector.pcidevice.names collector.powersupplyclass no-collector.powersupplyclass collector.powersupply.ignored-supplies= collector.pressure no-collector.pressure collector.process_top no-collector.process_top collector.process_top.count= collector.processes no-collector.processes collector.qdisc no-collector.qdisc collector.qdisc.fixtures= collector.qdisc.device-include= collector.qdisc.device-exclude= collector.rapl no-collector.rapl collector.rapl.enable-zone-label no-collector.rapl.enable-zone-label collector.schedstat no-collector.schedstat collector.selinux no-collector.selinux collector.slabinfo no-collector.slabinfo collector.slabinfo.slabs-include= collector.slabinfo.slabs-exclude= collector.sockstat no-collector.sockstat collector.softirqs no-collector.softirqs collector.softnet no-collector.softnet collector.stat no-collector.stat collector.stat.softirq no-collector.stat.softirq collector.sysctl no-collector.sysctl collector.sysctl.include= collector.sysctl.include-info= collector.systemd no-collector.systemd collector.systemd.unit-include= collector.systemd.unit-exclude= collector.systemd.enable-task-metrics no-collector.systemd.enable-task-metrics collector.systemd.enable-restarts-metrics no-collector.systemd.enable-restarts-metrics collector.systemd.enable-start-time-metrics no-collector.systemd.enable-start-time-metrics collector.systemd.private no-collector.systemd.private collector.systemd.socket= collector.tapestats no-collector.tapestats collector.tapestats.ignored-devices= collector.tcpstat no-collector.tcpstat collector.tcpstat.port.source= collector.tcpstat.port.dest= collector.textfile no-collector.textfile collector.textfile.directory= collector.textfile.max-files= collector.textfile.max-file-size= collector.textfile.max-total-size= collector.thermal_zone no-collector.thermal_zone collector.time no-collector.time collector.timex no-collector.timex collector.udp_queues no-collector.udp_queues collector.uname no-collector.uname collector.vmstat no-collector.vmstat collector.vmstat.fields= collector.watchdog no-collector.watchdog collector.wifi no-collector.wifi collector.wifi.fixtures= collector.xfrm no-collector.xfrm collector.xfs no-collector.xfs collector.zfs no-collector.zfs collector.zoneinfo no-collector.zoneinfo log.level= log.format= runtime.gomaxprocs= statsd.cache-type= statsd.event-queue-size= statsd.event-flush-threshold= statsd.event-flush-interval= statsd.udp-packet-queue-size= V/version
end

function __fish_tallyd_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_tallyd_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_tallyd_using_subcommand
    set -l cmd (__fish_tallyd_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c tallyd -n "__fish_tallyd_needs_command" -l web.listen-address -d 'Address to serve metrics on; may be given again and again. :9100 stands for all interfaces, unix:///PATH for a socket in the file system.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.unixsocket-mode -d 'Permission mode of unix sockets for metrics, in octal.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.config.file -d 'File that sets TLS, passwords and header fields, in exporter-toolkit\'s format. It is read again when it changes.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.telemetry-path -d 'Path to serve metrics under.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.scrape-timeout-offset -d 'How much sooner than the scraper gives up (X-Prometheus-Scrape-Timeout-Seconds, 10s without it) a scrape is answered without the collectors that are late.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.listen-udp -d 'UDP address to take StatsD lines on; may be given again and again. Empty: none.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.listen-tcp -d 'TCP address to take StatsD lines on; may be given again and again. Empty: none.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.listen-unixgram -d 'Unix datagram socket to take StatsD lines on. Empty: none.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.listen-unixstream -d 'Unix stream socket to take StatsD on: lines, or packets with a 32-bit little-endian length before each, as DogStatsD\'s clients send them. The first four bytes of a connection tell: a length has a zero byte, a line none. Empty: none.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.allow-from -d 'Clients that may send over UDP and TCP, as ADDRESS/BITS or an address; may be given again and again. What others send is dropped and counted. Empty: all.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.unixsocket-mode -d 'Permission mode of the unix sockets, in octal.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.relay.address -d 'Where to send every line on to, over UDP. What can\'t be sent in time is dropped and counted. A name is looked up at the start, each minute, and after a failure; lines wait for its first address. Empty: nowhere.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.relay.packet-length -d 'Longest packet to send on, up to 65507, as UDP has it; a longer line is left out.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.mapping-config -d 'File of mapping rules.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l debug.dump-fsm -d 'File to write the tree of glob rules to, as a graph for Graphviz.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.read-buffer -d 'Receive buffer to ask the kernel for at each socket for datagrams; 0 asks for 4 MiB. The kernel grants at most net.core.rmem_max, unless the agent may administrate the network.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.cache-size -d 'Lines whose meaning is kept, so that their like need not be parsed again; fewer where they have more than 256 bytes on average.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.set-window -d 'For how long a member of a set counts after it was sent last.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.state-file -d 'File for the series of apps, so that a restart resets nothing: written on stop and each minute, read on start. Empty: none.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.max-requests -d 'Scrapes that may be in flight at once; 0 for no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.max-connections -d 'HTTP connections that are kept; for one more, one that is idle is closed, and where none is, the new one.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.max-connections-per-address -d 'The same for those of one client address, of IPv6 one /64 network, so that no client takes all. 0: no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.max-header-bytes -d 'Longest head of a request, up to 64K: each connection may keep as much. It may have 64 fields.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.read-header-timeout -d 'How long a head may take from its first byte on, and a handshake of TLS, up to an hour.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.idle-timeout -d 'How long a connection is kept between two requests, up to a day. Longer than the interval of scrapes, or each has to connect anew.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.write-timeout -d 'How long an answer may take from the whole head to its last byte, up to an hour. A scrape is answered in this time without the collectors that are late.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.max-failed-logins -d 'How often a password may be wrong from one client address, up to 50; from then on, once a second.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-connections -d 'Connections that each listener for TCP or unix streams keeps; one more is closed at once and counted. 0: no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-connections-per-address -d 'The same for TCP connections of one client address, so that no client takes all. 0: no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.idle-timeout -d 'How long a connection is kept on which nothing comes. 0: for ever.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-line-length -d 'Longest line that is taken, up to 64K: each connection may keep as much of one that is not whole.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-frame-length -d 'Longest packet that is taken from a unix stream, up to 1M: each connection may keep as much. A longer one ends its connection.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-name-length -d 'Longest name that is taken. 0: as long as a line.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-tags -d 'Tags that a sample may have. 0: as many as a line holds.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-label-length -d 'Longest name, and longest value, of a tag that is taken. 0: as long as a line.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-series -d 'Series that are kept; samples that would make one more are refused and counted. 0: no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-series-per-metric -d 'Series that are kept of one metric; samples that would make one more are refused and counted. 0: no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-mapping-size -d 'Largest mapping file that is read, in bytes or as 16M.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-mapping-rules -d 'Rules that a mapping file may have. 0: as many as a file holds.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.max-regex-size -d 'Memory that a regular expression of a mapping file may take once it is compiled, in bytes or as 1M.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.relay.buffer-size -d 'Bytes of lines that may wait to be sent on, as 2M. What is received at once and does not fit is dropped and counted.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l limit.memory -d 'Resident memory, in bytes or as 64M or 64MiB, from which on samples that would make a new series are refused and counted, before anything else is; series that are there go on. 0: no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l path.procfs -d 'Where the proc file system is mounted.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l path.sysfs -d 'Where the sys file system is mounted.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l path.rootfs -d 'Where the host\'s root is mounted, for an agent in a container.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l path.udev.data -d 'Where udev keeps its database.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l host.backend -d 'Where host metrics come from: collectors written for this system, or the fewer ones that run on any.' -r -f -a "native\t''
portable\t''"
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.arp.device-include -d 'Regexp of arp devices to include (mutually exclusive to device-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.arp.device-exclude -d 'Regexp of arp devices to exclude (mutually exclusive to device-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.containers.id-include -d 'Regexp of ids to show. (mutually exclusive to id-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.containers.id-exclude -d 'Regexp of ids to leave out. (mutually exclusive to id-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.containers.max -d 'Show this many control groups, those nearest to the root first; others are counted.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cpu.info.flags-include -d 'Expose the CPU flags that this finds as node_cpu_flag_info; switches node_cpu_info on.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cpu.info.bugs-include -d 'Expose the CPU bugs that this finds as node_cpu_bug_info; switches node_cpu_info on.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.diskstats.device-exclude -d 'Regexp of diskstats devices to exclude (mutually exclusive to device-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.diskstats.device-include -d 'Regexp of diskstats devices to include (mutually exclusive to device-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filesystem.mount-points-exclude -d 'Regexp of mount points to exclude for filesystem collector. (mutually exclusive to mount-points-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filesystem.mount-points-include -d 'Regexp of mount points to include for filesystem collector. (mutually exclusive to mount-points-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filesystem.fs-types-exclude -d 'Regexp of filesystem types to exclude for filesystem collector. (mutually exclusive to fs-types-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filesystem.fs-types-include -d 'Regexp of filesystem types to include for filesystem collector. (mutually exclusive to fs-types-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filesystem.mount-timeout -d 'How long a scrape waits for mounts to respond before it marks them as stale.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filesystem.stat-workers -d 'How many threads are kept to ask mounts with; more are started while some do not respond.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.hwmon.chip-include -d 'Regexp of hwmon chip to include (mutually exclusive to device-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.hwmon.chip-exclude -d 'Regexp of hwmon chip to exclude (mutually exclusive to device-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.hwmon.sensor-include -d 'Regexp of hwmon sensor to include (mutually exclusive to sensor-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.hwmon.sensor-exclude -d 'Regexp of hwmon sensor to exclude (mutually exclusive to sensor-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.infiniband.device-include -d 'Regexp of infiniband devices to include (mutually exclusive to device-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.infiniband.device-exclude -d 'Regexp of infiniband devices to exclude (mutually exclusive to device-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.interrupts.name-include -d 'Regexp of interrupts to include, found in "type;info;devices".' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.interrupts.name-exclude -d 'Regexp of interrupts to exclude, found in "type;info;devices".' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.ipvs.backend-labels -d 'Comma separated list for IPVS backend stats labels.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netclass.ignored-devices -d 'Regexp of net devices to ignore for netclass collector.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netdev.device-include -d 'Regexp of net devices to include (mutually exclusive to device-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netdev.device-exclude -d 'Regexp of net devices to exclude (mutually exclusive to device-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netstat.fields -d 'Regexp of fields to return for netstat collector.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.pcidevice.idsfile -d 'Path to pci.ids file to use for PCI device identification.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.powersupply.ignored-supplies -d 'Regexp of power supplies to ignore for powersupplyclass collector.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.process_top.count -d 'Show this many names with most CPU, and as many with most memory; at most 1000.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.qdisc.fixtures -d 'Read results.json of this folder instead of asking the kernel, for tests.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.qdisc.device-include -d 'Regexp of qdisc devices to include (mutually exclusive to device-exclude).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.qdisc.device-exclude -d 'Regexp of qdisc devices to exclude (mutually exclusive to device-include).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.slabinfo.slabs-include -d 'Regexp of slabs to include in slabinfo collector.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.slabinfo.slabs-exclude -d 'Regexp of slabs to exclude in slabinfo collector.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.sysctl.include -d 'Select sysctl metrics to include: fs.file-nr, or with a name for each value, fs.file-nr:total,current,max.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.sysctl.include-info -d 'Select sysctl metrics to include as info metrics.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd.unit-include -d 'Regexp of systemd units to include. Units must both match include and not match exclude to be included.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd.unit-exclude -d 'Regexp of systemd units to exclude. Units must both match include and not match exclude to be included.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd.socket -d 'The unix socket of the system\'s D-Bus.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.tapestats.ignored-devices -d 'Regexp of devices to ignore for tapestats.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.tcpstat.port.source -d 'List of tcpstat source ports.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.tcpstat.port.dest -d 'List of tcpstat destination ports.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.textfile.directory -d 'Directory to read text files with metrics from, supports glob matching. (repeatable).' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.textfile.max-files -d 'Text files that are read, up to 100000.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.textfile.max-file-size -d 'Largest text file that is read, up to 1G.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.textfile.max-total-size -d 'Largest size of all text files together, up to 1G: they are in memory for a scrape.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.vmstat.fields -d 'Regexp of fields to return for vmstat collector.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.wifi.fixtures -d 'Read JSON files of this folder instead of asking the kernel, for tests.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l log.level -d 'Only log messages with the given severity or above.' -r -f -a "debug\t''
info\t''
warn\t''
error\t''"
complete -c tallyd -n "__fish_tallyd_needs_command" -l log.format -d 'Output format of log messages.' -r -f -a "logfmt\t''
json\t''"
complete -c tallyd -n "__fish_tallyd_needs_command" -l runtime.gomaxprocs -d 'CPUs to run on: tallyd sleeps most of the time and needs no limit.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.cache-type -d 'Kind of cache for mappings: tallyd has one kind.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.event-queue-size -d 'Events in a queue: lines reach their series without one.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.event-flush-threshold -d 'Events to flush at once: there is no queue.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.event-flush-interval -d 'Time between two flushes: there is no queue.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.udp-packet-queue-size -d 'Packets in a queue: they wait in the kernel\'s.' -r
complete -c tallyd -n "__fish_tallyd_needs_command" -s h -d 'Print the flags most often needed'
complete -c tallyd -n "__fish_tallyd_needs_command" -l help -d 'Print every flag'
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.systemd-socket -d 'Serve metrics on the listeners that systemd passes (FileDescriptorName=web, or any but statsd), and on no address of --web.listen-address.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-web.systemd-socket -d 'Not: Serve metrics on the listeners that systemd passes (FileDescriptorName=web, or any but statsd), and on no address of --web.listen-address.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.enable-openmetrics -d 'Serve OpenMetrics 1.0 to scrapers that ask for it. Counters whose names lack _total get it there.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-web.enable-openmetrics -d 'Not: Serve OpenMetrics 1.0 to scrapers that ask for it. Counters whose names lack _total get it there.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.enable-openmetrics-created -d 'With OpenMetrics, tell when each counter, summary and histogram of an app began (_created), so that a scraper can count its first increments. It takes eight bytes a series.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-web.enable-openmetrics-created -d 'Not: With OpenMetrics, tell when each counter, summary and histogram of an app began (_created), so that a scraper can count its first increments. It takes eight bytes a series.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.enable-lifecycle -d 'Read the mapping file again on POST or PUT to /-/reload, and stop on POST or PUT to /-/quit.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-web.enable-lifecycle -d 'Not: Read the mapping file again on POST or PUT to /-/reload, and stop on POST or PUT to /-/quit.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.disable-exporter-metrics -d 'Leave out metrics about the agent\'s process and its web server (promhttp_*, process_*, tallyd_web_*).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-web.disable-exporter-metrics -d 'Not: Leave out metrics about the agent\'s process and its web server (promhttp_*, process_*, tallyd_web_*).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l web.compat-build-info -d 'Show node_exporter_build_info and statsd_exporter_build_info, which dashboards look for.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-web.compat-build-info -d 'Not: Show node_exporter_build_info and statsd_exporter_build_info, which dashboards look for.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.parse-dogstatsd-tags -d 'Parse DogStatsD tags: name:1|c|#key:value.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.parse-dogstatsd-tags -d 'Not: Parse DogStatsD tags: name:1|c|#key:value.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.parse-influxdb-tags -d 'Parse InfluxDB tags: name,key=value:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.parse-influxdb-tags -d 'Not: Parse InfluxDB tags: name,key=value:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.parse-librato-tags -d 'Parse Librato tags: name#key=value:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.parse-librato-tags -d 'Not: Parse Librato tags: name#key=value:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.parse-signalfx-tags -d 'Parse SignalFX tags: name[key=value]:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.parse-signalfx-tags -d 'Not: Parse SignalFX tags: name[key=value]:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.parse-graphite-tags -d 'Parse Graphite tags: name;key=value:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.parse-graphite-tags -d 'Not: Parse Graphite tags: name;key=value:1|c.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.dogstatsd-bare-tags -d 'Give a DogStatsD tag without a value the value true; otherwise it is left out and counted.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.dogstatsd-bare-tags -d 'Not: Give a DogStatsD tag without a value the value true; otherwise it is left out and counted.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.container-id -d 'Make the container of a DogStatsD sample a label, container_id.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.container-id -d 'Not: Make the container of a DogStatsD sample a label, container_id.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l statsd.zero-first -d 'Show a new counter at 0 to the first scrape that sees it, and its value to the next, so that rate() and increase() count its first increments.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-statsd.zero-first -d 'Not: Show a new counter at 0 to the first scrape that sees it, and its value to the next, so that rate() and increase() count its first increments.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l check-config -d 'Check the flags and the files that they name, and end.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-check-config -d 'Not: Check the flags and the files that they name, and end.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.disable-defaults -d 'Run only the collectors that a flag names.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.disable-defaults -d 'Not: Run only the collectors that a flag names.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.arp -d 'Collect neighbours of IPv4 by device from rtnetlink or /proc/net/arp.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.arp -d 'Not: Collect neighbours of IPv4 by device from rtnetlink or /proc/net/arp.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.arp.netlink -d 'Use netlink to gather stats instead of /proc/net/arp.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.arp.netlink -d 'Not: Use netlink to gather stats instead of /proc/net/arp.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.bcache -d 'Collect block cache from /sys/fs/bcache.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.bcache -d 'Not: Collect block cache from /sys/fs/bcache.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.bcache.priorityStats -d 'Expose expensive priority stats.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.bcache.priorityStats -d 'Not: Expose expensive priority stats.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.bcachefs -d 'Collect Bcachefs from /sys/fs/bcachefs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.bcachefs -d 'Not: Collect Bcachefs from /sys/fs/bcachefs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.bonding -d 'Collect bonded network interfaces from /sys/class/net.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.bonding -d 'Not: Collect bonded network interfaces from /sys/class/net.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.btrfs -d 'Collect Btrfs from /sys/fs/btrfs and its ioctls.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.btrfs -d 'Not: Collect Btrfs from /sys/fs/btrfs and its ioctls.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.buddyinfo -d 'Collect free blocks of memory by size from /proc/buddyinfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.buddyinfo -d 'Not: Collect free blocks of memory by size from /proc/buddyinfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cgroups -d 'Collect number of control groups by controller from /proc/cgroups.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.cgroups -d 'Not: Collect number of control groups by controller from /proc/cgroups.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.conntrack -d 'Collect connection tracking from /proc/sys/net/netfilter and /proc/net/stat/nf_conntrack.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.conntrack -d 'Not: Collect connection tracking from /proc/sys/net/netfilter and /proc/net/stat/nf_conntrack.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.containers -d 'Collect CPU, memory, disk and network of control groups by cAdvisor\'s names.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.containers -d 'Not: Collect CPU, memory, disk and network of control groups by cAdvisor\'s names.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cpu -d 'Collect time of each CPU by mode from /proc/stat, throttling and state from sysfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.cpu -d 'Not: Collect time of each CPU by mode from /proc/stat, throttling and state from sysfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cpu.guest -d 'Expose node_cpu_guest_seconds_total.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.cpu.guest -d 'Not: Expose node_cpu_guest_seconds_total.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cpu.info -d 'Expose node_cpu_info.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.cpu.info -d 'Not: Expose node_cpu_info.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cpu_vulnerabilities -d 'Collect weaknesses of the CPU from /sys/devices/system/cpu/vulnerabilities.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.cpu_vulnerabilities -d 'Not: Collect weaknesses of the CPU from /sys/devices/system/cpu/vulnerabilities.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.cpufreq -d 'Collect clock frequencies and governors of CPUs from /sys/devices/system/cpu.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.cpufreq -d 'Not: Collect clock frequencies and governors of CPUs from /sys/devices/system/cpu.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.diskstats -d 'Collect reads, writes and identity of block devices from /proc/diskstats, /sys/block and udev.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.diskstats -d 'Not: Collect reads, writes and identity of block devices from /proc/diskstats, /sys/block and udev.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.dmi -d 'Collect makers and versions of the machine, its board and firmware from /sys/class/dmi.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.dmi -d 'Not: Collect makers and versions of the machine, its board and firmware from /sys/class/dmi.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.dmmultipath -d 'Collect multipath devices of the device mapper from /sys/block.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.dmmultipath -d 'Not: Collect multipath devices of the device mapper from /sys/block.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.drbd -d 'Collect replicated block devices from /proc/drbd.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.drbd -d 'Not: Collect replicated block devices from /proc/drbd.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.edac -d 'Collect memory errors from /sys/devices/system/edac.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.edac -d 'Not: Collect memory errors from /sys/devices/system/edac.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.entropy -d 'Collect available entropy from /proc/sys/kernel/random.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.entropy -d 'Not: Collect available entropy from /proc/sys/kernel/random.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.fibrechannel -d 'Collect Fibre Channel host ports from /sys/class/fc_host.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.fibrechannel -d 'Not: Collect Fibre Channel host ports from /sys/class/fc_host.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filefd -d 'Collect open files and their limit from /proc/sys/fs/file-nr.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.filefd -d 'Not: Collect open files and their limit from /proc/sys/fs/file-nr.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.filesystem -d 'Collect size and free space of mounted file systems from statvfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.filesystem -d 'Not: Collect size and free space of mounted file systems from statvfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.hwmon -d 'Collect hardware monitoring sensors from /sys/class/hwmon.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.hwmon -d 'Not: Collect hardware monitoring sensors from /sys/class/hwmon.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.infiniband -d 'Collect InfiniBand and RoCE ports from /sys/class/infiniband.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.infiniband -d 'Not: Collect InfiniBand and RoCE ports from /sys/class/infiniband.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.interrupts -d 'Collect interrupts by line and CPU from /proc/interrupts.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.interrupts -d 'Not: Collect interrupts by line and CPU from /proc/interrupts.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.interrupts.include-zeros -d 'Include interrupts that have a zero value.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.interrupts.include-zeros -d 'Not: Include interrupts that have a zero value.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.ipvs -d 'Collect the kernel\'s load balancer from /proc/net/ip_vs and ip_vs_stats.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.ipvs -d 'Not: Collect the kernel\'s load balancer from /proc/net/ip_vs and ip_vs_stats.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.kernel_hung -d 'Collect tasks detected as hung from /proc/sys/kernel/hung_task_detect_count.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.kernel_hung -d 'Not: Collect tasks detected as hung from /proc/sys/kernel/hung_task_detect_count.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.ksmd -d 'Collect merging of equal pages from /sys/kernel/mm/ksm.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.ksmd -d 'Not: Collect merging of equal pages from /sys/kernel/mm/ksm.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.lnstat -d 'Collect statistics of the network caches from /proc/net/stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.lnstat -d 'Not: Collect statistics of the network caches from /proc/net/stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.loadavg -d 'Collect load averages from /proc/loadavg.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.loadavg -d 'Not: Collect load averages from /proc/loadavg.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.mdadm -d 'Collect software RAID from /proc/mdstat and /sys/block.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.mdadm -d 'Not: Collect software RAID from /proc/mdstat and /sys/block.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.meminfo -d 'Collect use of memory from /proc/meminfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.meminfo -d 'Not: Collect use of memory from /proc/meminfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.meminfo_numa -d 'Collect use of memory by NUMA node from /sys/devices/system/node.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.meminfo_numa -d 'Not: Collect use of memory by NUMA node from /sys/devices/system/node.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.mountstats -d 'Collect NFS mounts from /proc/self/mountstats.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.mountstats -d 'Not: Collect NFS mounts from /proc/self/mountstats.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netclass -d 'Collect properties of network interfaces from /sys/class/net.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netclass -d 'Not: Collect properties of network interfaces from /sys/class/net.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netclass.ignore-invalid-speed -d 'Ignore devices where the speed is invalid. This will be the default behavior in 2.x.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netclass.ignore-invalid-speed -d 'Not: Ignore devices where the speed is invalid. This will be the default behavior in 2.x.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netclass.netlink -d 'Use netlink to gather stats instead of /sys/class/net.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netclass.netlink -d 'Not: Use netlink to gather stats instead of /sys/class/net.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netclass_rtnl.with-stats -d 'Expose the statistics for each network device, replacing netdev collector.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netclass_rtnl.with-stats -d 'Not: Expose the statistics for each network device, replacing netdev collector.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netdev -d 'Collect traffic and errors of network devices from netlink or /proc/net/dev.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netdev -d 'Not: Collect traffic and errors of network devices from netlink or /proc/net/dev.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netdev.netlink -d 'Use netlink to gather stats instead of /proc/net/dev.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netdev.netlink -d 'Not: Use netlink to gather stats instead of /proc/net/dev.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netdev.address-info -d 'Collect address-info for every device.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netdev.address-info -d 'Not: Collect address-info for every device.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netdev.label-ifalias -d 'Add ifAlias label.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netdev.label-ifalias -d 'Not: Add ifAlias label.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netdev.enable-detailed-metrics -d 'Use (incompatible) metric names that provide more detailed stats on Linux.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netdev.enable-detailed-metrics -d 'Not: Use (incompatible) metric names that provide more detailed stats on Linux.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.netstat -d 'Collect counters of the network protocols from /proc/net/netstat, snmp and snmp6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.netstat -d 'Not: Collect counters of the network protocols from /proc/net/netstat, snmp and snmp6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.nfs -d 'Collect the NFS client from /proc/net/rpc/nfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.nfs -d 'Not: Collect the NFS client from /proc/net/rpc/nfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.nfsd -d 'Collect the kernel\'s NFS server from /proc/net/rpc/nfsd.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.nfsd -d 'Not: Collect the kernel\'s NFS server from /proc/net/rpc/nfsd.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.nvme -d 'Collect NVMe controllers and namespaces from /sys/class/nvme.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.nvme -d 'Not: Collect NVMe controllers and namespaces from /sys/class/nvme.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.os -d 'Collect name and version of the distribution from os-release.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.os -d 'Not: Collect name and version of the distribution from os-release.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.pcidevice -d 'Collect PCI devices and their links from /sys/bus/pci.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.pcidevice -d 'Not: Collect PCI devices and their links from /sys/bus/pci.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.pcidevice.names -d 'Enable PCI device name resolution (requires pci.ids file).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.pcidevice.names -d 'Not: Enable PCI device name resolution (requires pci.ids file).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.powersupplyclass -d 'Collect batteries and other power supplies from /sys/class/power_supply.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.powersupplyclass -d 'Not: Collect batteries and other power supplies from /sys/class/power_supply.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.pressure -d 'Collect pressure stall information from /proc/pressure.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.pressure -d 'Not: Collect pressure stall information from /proc/pressure.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.process_top -d 'Collect processes with most CPU and with most memory by name from /proc.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.process_top -d 'Not: Collect processes with most CPU and with most memory by name from /proc.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.processes -d 'Collect number of processes and threads by state from /proc.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.processes -d 'Not: Collect number of processes and threads by state from /proc.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.qdisc -d 'Collect queueing disciplines of network devices from rtnetlink.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.qdisc -d 'Not: Collect queueing disciplines of network devices from rtnetlink.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.rapl -d 'Collect energy used by processor and memory from /sys/class/powercap.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.rapl -d 'Not: Collect energy used by processor and memory from /sys/class/powercap.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.rapl.enable-zone-label -d 'Put the name of a zone into a label of one metric instead of into the names of several.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.rapl.enable-zone-label -d 'Not: Put the name of a zone into a label of one metric instead of into the names of several.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.schedstat -d 'Collect running and waiting time of each CPU from /proc/schedstat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.schedstat -d 'Not: Collect running and waiting time of each CPU from /proc/schedstat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.selinux -d 'Collect mode and access vector cache of SELinux from /sys/fs/selinux.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.selinux -d 'Not: Collect mode and access vector cache of SELinux from /sys/fs/selinux.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.slabinfo -d 'Collect caches of kernel objects from /proc/slabinfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.slabinfo -d 'Not: Collect caches of kernel objects from /proc/slabinfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.sockstat -d 'Collect sockets in use by protocol from /proc/net/sockstat and sockstat6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.sockstat -d 'Not: Collect sockets in use by protocol from /proc/net/sockstat and sockstat6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.softirqs -d 'Collect softirqs by kind and CPU from /proc/softirqs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.softirqs -d 'Not: Collect softirqs by kind and CPU from /proc/softirqs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.softnet -d 'Collect packets that each CPU processed from /proc/net/softnet_stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.softnet -d 'Not: Collect packets that each CPU processed from /proc/net/softnet_stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.stat -d 'Collect boot time, forks, context switches and interrupts from /proc/stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.stat -d 'Not: Collect boot time, forks, context switches and interrupts from /proc/stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.stat.softirq -d 'Export softirq calls per vector.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.stat.softirq -d 'Not: Export softirq calls per vector.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.sysctl -d 'Collect kernel settings from /proc/sys.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.sysctl -d 'Not: Collect kernel settings from /proc/sys.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd -d 'Collect units of systemd and their states over D-Bus.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.systemd -d 'Not: Collect units of systemd and their states over D-Bus.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd.enable-task-metrics -d 'Enables service unit tasks metrics unit_tasks_current and unit_tasks_max.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.systemd.enable-task-metrics -d 'Not: Enables service unit tasks metrics unit_tasks_current and unit_tasks_max.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd.enable-restarts-metrics -d 'Enables service unit metric service_restart_total.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.systemd.enable-restarts-metrics -d 'Not: Enables service unit metric service_restart_total.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd.enable-start-time-metrics -d 'Enables service unit metric unit_start_time_seconds.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.systemd.enable-start-time-metrics -d 'Not: Enables service unit metric unit_start_time_seconds.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.systemd.private -d 'Asks systemd at /run/systemd/private, without D-Bus; it answers root alone.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.systemd.private -d 'Not: Asks systemd at /run/systemd/private, without D-Bus; it answers root alone.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.tapestats -d 'Collect SCSI tape drives from /sys/class/scsi_tape.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.tapestats -d 'Not: Collect SCSI tape drives from /sys/class/scsi_tape.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.tcpstat -d 'Collect TCP sockets by state from /proc/net/tcp and tcp6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.tcpstat -d 'Not: Collect TCP sockets by state from /proc/net/tcp and tcp6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.textfile -d 'Collect metrics that other programs leave in files of a directory.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.textfile -d 'Not: Collect metrics that other programs leave in files of a directory.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.thermal_zone -d 'Collect temperatures of thermal zones and states of cooling devices from /sys/class/thermal.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.thermal_zone -d 'Not: Collect temperatures of thermal zones and states of cooling devices from /sys/class/thermal.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.time -d 'Collect system time, zone and clock sources.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.time -d 'Not: Collect system time, zone and clock sources.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.timex -d 'Collect the kernel\'s clock discipline from adjtimex(2).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.timex -d 'Not: Collect the kernel\'s clock discipline from adjtimex(2).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.udp_queues -d 'Collect memory of queued UDP datagrams from /proc/net/udp and udp6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.udp_queues -d 'Not: Collect memory of queued UDP datagrams from /proc/net/udp and udp6.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.uname -d 'Collect names of system, kernel and host from uname(2).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.uname -d 'Not: Collect names of system, kernel and host from uname(2).'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.vmstat -d 'Collect paging, swapping and faults from /proc/vmstat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.vmstat -d 'Not: Collect paging, swapping and faults from /proc/vmstat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.watchdog -d 'Collect watchdog timers from /sys/class/watchdog.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.watchdog -d 'Not: Collect watchdog timers from /sys/class/watchdog.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.wifi -d 'Collect WiFi interfaces and stations from nl80211.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.wifi -d 'Not: Collect WiFi interfaces and stations from nl80211.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.xfrm -d 'Collect packets that IPsec dropped from /proc/net/xfrm_stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.xfrm -d 'Not: Collect packets that IPsec dropped from /proc/net/xfrm_stat.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.xfs -d 'Collect XFS by device from /sys/fs/xfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.xfs -d 'Not: Collect XFS by device from /sys/fs/xfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.zfs -d 'Collect ZFS from /proc/spl/kstat/zfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.zfs -d 'Not: Collect ZFS from /proc/spl/kstat/zfs.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l collector.zoneinfo -d 'Collect memory zones from /proc/zoneinfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -l no-collector.zoneinfo -d 'Not: Collect memory zones from /proc/zoneinfo.'
complete -c tallyd -n "__fish_tallyd_needs_command" -s V -l version -d 'Print version'
complete -c tallyd -n "__fish_tallyd_needs_command" -f -a "send" -d 'Send one metric to a StatsD server'
complete -c tallyd -n "__fish_tallyd_needs_command" -f -a "service" -d 'Install and control tallyd as a service'
complete -c tallyd -n "__fish_tallyd_needs_command" -f -a "top" -d 'Show which metrics of apps have most series, and which are busiest'
complete -c tallyd -n "__fish_tallyd_using_subcommand send" -l tag -d 'A tag, or a word alone; can be given again and again' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand send" -l rate -d 'Say that the metric stands for 1/RATE of its kind; it is sent in any case' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand send" -l to -d 'udp://HOST:PORT, tcp://HOST:PORT, or unix:///PATH for a datagram socket' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand send" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -f -a "install" -d 'Write the service\'s files and have it started at boot; flags that are there stay'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -f -a "uninstall" -d 'Stop it and remove its files; flags that were changed stay'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -f -a "start" -d 'Start it'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -f -a "stop" -d 'Stop it'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -f -a "restart" -d 'Start it anew, with the flags as they are now'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -f -a "status" -d 'Say whether it runs'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and not __fish_seen_subcommand_from install uninstall start stop restart status logs" -f -a "logs" -d 'Show the last of what it logged'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from install" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from install" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from install" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from uninstall" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from start" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from start" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from start" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from stop" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from stop" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from stop" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from restart" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from restart" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from restart" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from status" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from status" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from status" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from logs" -l root -d 'Write below DIR, as for the image of another machine, and run nothing' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from logs" -l manager -d 'What keeps services there; found out unless given' -r -f -a "systemd\t''
launchd\t''
procd\t''"
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on with what comes'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help'
complete -c tallyd -n "__fish_tallyd_using_subcommand service; and __fish_seen_subcommand_from logs" -l user -d 'The service of this user rather than that of the machine'
complete -c tallyd -n "__fish_tallyd_using_subcommand top" -l from -d 'Where the agent serves: http://HOST:PORT or unix:///PATH' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand top" -l count -d 'Metrics of each kind to show, up to 1000' -r
complete -c tallyd -n "__fish_tallyd_using_subcommand top" -s h -l help -d 'Print help'
