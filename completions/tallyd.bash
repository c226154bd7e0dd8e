# Made from tallyd's tables by: BLESS=1 cargo test --test generated
_tallyd() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="tallyd"
                ;;
            tallyd,send)
                cmd="tallyd__subcmd__send"
                ;;
            tallyd,service)
                cmd="tallyd__subcmd__service"
                ;;
            tallyd,top)
                cmd="tallyd__subcmd__top"
                ;;
            tallyd__subcmd__service,install)
                cmd="tallyd__subcmd__service__subcmd__install"
                ;;
            tallyd__subcmd__service,logs)
                cmd="tallyd__subcmd__service__subcmd__logs"
                ;;
            tallyd__subcmd__service,restart)
                cmd="tallyd__subcmd__service__subcmd__restart"
                ;;
            tallyd__subcmd__service,start)
                cmd="tallyd__subcmd__service__subcmd__start"
                ;;
            tallyd__subcmd__service,status)
                cmd="tallyd__subcmd__service__subcmd__status"
                ;;
            tallyd__subcmd__service,stop)
                cmd="tallyd__subcmd__service__subcmd__stop"
                ;;
            tallyd__subcmd__service,uninstall)
                cmd="tallyd__subcmd__service__subcmd__uninstall"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        tallyd)
            opts="-h -V --help --web.listen-address --web.systemd-socket --no-web.systemd-socket --web.unixsocket-mode --web.config.file --web.telemetry-path --web.scrape-timeout-offset --web.enable-openmetrics --no-web.enable-openmetrics --web.enable-openmetrics-created --no-web.enable-openmetrics-created --web.enable-lifecycle --no-web.enable-lifecycle --web.disable-exporter-metrics --no-web.disable-exporter-metrics --web.compat-build-info --no-web.compat-build-info --statsd.listen-udp --statsd.listen-tcp --statsd.listen-unixgram --statsd.listen-unixstream --statsd.allow-from --statsd.unixsocket-mode --statsd.relay.address --statsd.relay.packet-length --statsd.mapping-config --debug.dump-fsm --statsd.read-buffer --statsd.cache-size --statsd.parse-dogstatsd-tags --no-statsd.parse-dogstatsd-tags --statsd.parse-influxdb-tags --no-statsd.parse-influxdb-tags --statsd.parse-librato-tags --no-statsd.parse-librato-tags --statsd.parse-signalfx-tags --no-statsd.parse-signalfx-tags --statsd.parse-graphite-tags --no-statsd.parse-graphite-tags --statsd.dogstatsd-bare-tags --no-statsd.dogstatsd-bare-tags --statsd.container-id --no-statsd.container-id --statsd.set-window --statsd.state-file --statsd.zero-first --no-statsd.zero-first --check-config --no-check-config --web.max-requests --web.max-connections --web.max-connections-per-address --web.max-header-bytes --web.read-header-timeout --web.idle-timeout --web.write-timeout --web.max-failed-logins --statsd.max-connections --statsd.max-connections-per-address --statsd.idle-timeout --statsd.max-line-length --statsd.max-frame-length --statsd.max-name-length --statsd.max-tags --statsd.max-label-length --statsd.max-series --statsd.max-series-per-metric --statsd.max-mapping-size --statsd.max-mapping-rules --statsd.max-regex-size --statsd.relay.buffer-size --limit.memory --path.procfs --path.sysfs --path.rootfs --path.udev.data --collector.disable-defaults --no-collector.disable-defaults --host.backend --collector.arp --no-collector.arp --collector.arp.device-include --collector.arp.device-exclude --collector.arp.netlink --no-collector.arp.netlink --collector.bcache --no-collector.bcache --collector.bcache.priorityStats --no-collector.bcache.priorityStats --collector.bcachefs --no-collector.bcachefs --collector.bonding --no-collector.bonding --collector.btrfs --no-collector.btrfs --collector.buddyinfo --no-collector.buddyinfo --collector.cgroups --no-collector.cgroups --collector.conntrack --no-collector.conntrack --collector.containers --no-collector.containers --collector.containers.id-include --collector.containers.id-exclude --collector.containers.max --collector.cpu --no-collector.cpu --collector.cpu.guest --no-collector.cpu.guest --collector.cpu.info --no-collector.cpu.info --collector.cpu.info.flags-include --collector.cpu.info.bugs-include --collector.cpu_vulnerabilities --no-collector.cpu_vulnerabilities --collector.cpufreq --no-collector.cpufreq --collector.diskstats --no-collector.diskstats --collector.diskstats.device-exclude --collector.diskstats.device-include --collector.dmi --no-collector.dmi --collector.dmmultipath --no-collector.dmmultipath --collector.drbd --no-collector.drbd --collector.edac --no-collector.edac --collector.entropy --no-collector.entropy --collector.fibrechannel --no-collector.fibrechannel --collector.filefd --no-collector.filefd --collector.filesystem --no-collector.filesystem --collector.filesystem.mount-points-exclude --collector.filesystem.mount-points-include --collector.filesystem.fs-types-exclude --collector.filesystem.fs-types-include --collector.filesystem.mount-timeout --collector.filesystem.stat-workers --collector.hwmon --no-collector.hwmon --collector.hwmon.chip-include --collector.hwmon.chip-exclude --collector.hwmon.sensor-include --collector.hwmon.sensor-exclude --collector.infiniband --no-collector.infiniband --collector.infiniband.device-include --collector.infiniband.device-exclude --collector.interrupts --no-collector.interrupts --collector.interrupts.name-include --collector.interrupts.name-exclude --collector.interrupts.include-zeros --no-collector.interrupts.include-zeros --collector.ipvs --no-collector.ipvs --collector.ipvs.backend-labels --collector.kernel_hung --no-collector.kernel_hung --collector.ksmd --no-collector.ksmd --collector.lnstat --no-collector.lnstat --collector.loadavg --no-collector.loadavg --collector.mdadm --no-collector.mdadm --collector.meminfo --no-collector.meminfo --collector.meminfo_numa --no-collector.meminfo_numa --collector.mountstats --no-collector.mountstats --collector.netclass --no-collector.netclass --collector.netclass.ignored-devices --collector.netclass.ignore-invalid-speed --no-collector.netclass.ignore-invalid-speed --collector.netclass.netlink --no-collector.netclass.netlink --collector.netclass_rtnl.with-stats --no-collector.netclass_rtnl.with-stats --collector.netdev --no-collector.netdev --collector.netdev.device-include --collector.netdev.device-exclude --collector.netdev.netlink --no-collector.netdev.netlink --collector.netdev.address-info --no-collector.netdev.address-info --collector.netdev.label-ifalias --no-collector.netdev.label-ifalias --collector.netdev.enable-detailed-metrics --no-collector.netdev.enable-detailed-metrics --collector.netstat --no-collector.netstat --collector.netstat.fields --collector.nfs --no-collector.nfs --collector.nfsd --no-collector.nfsd --collector.nvme --no-collector.nvme --collector.os --no-collector.os --collector.pcidevice --no-collector.pcidevice --collector.pcidevice.idsfile --collector.pcidevice.names --no-collector.pcidevice.names --collector.powersupplyclass --no-collector.powersupplyclass --collector.powersupply.ignored-supplies --collector.pressure --no-collector.pressure --collector.process_top --no-collector.process_top --collector.process_top.count --collector.processes --no-collector.processes --collector.qdisc --no-collector.qdisc --collector.qdisc.fixtures --collector.qdisc.device-include --collector.qdisc.device-exclude --collector.rapl --no-collector.rapl --collector.rapl.enable-zone-label --no-collector.rapl.enable-zone-label --collector.schedstat --no-collector.schedstat --collector.selinux --no-collector.selinux --collector.slabinfo --no-collector.slabinfo --collector.slabinfo.slabs-include --collector.slabinfo.slabs-exclude --collector.sockstat --no-collector.sockstat --collector.softirqs --no-collector.softirqs --collector.softnet --no-collector.softnet --collector.stat --no-collector.stat --collector.stat.softirq --no-collector.stat.softirq --collector.sysctl --no-collector.sysctl --collector.sysctl.include --collector.sysctl.include-info --collector.systemd --no-collector.systemd --collector.systemd.unit-include --collector.systemd.unit-exclude --collector.systemd.enable-task-metrics --no-collector.systemd.enable-task-metrics --collector.systemd.enable-restarts-metrics --no-collector.systemd.enable-restarts-metrics --collector.systemd.enable-start-time-metrics --no-collector.systemd.enable-start-time-metrics --collector.systemd.private --no-collector.systemd.private --collector.systemd.socket --collector.tapestats --no-collector.tapestats --collector.tapestats.ignored-devices --collector.tcpstat --no-collector.tcpstat --collector.tcpstat.port.source --collector.tcpstat.port.dest --collector.textfile --no-collector.textfile --collector.textfile.directory --collector.textfile.max-files --collector.textfile.max-file-size --collector.textfile.max-total-size --collector.thermal_zone --no-collector.thermal_zone --collector.time --no-collector.time --collector.timex --no-collector.timex --collector.udp_queues --no-collector.udp_queues --collector.uname --no-collector.uname --collector.vmstat --no-collector.vmstat --collector.vmstat.fields --collector.watchdog --no-collector.watchdog --collector.wifi --no-collector.wifi --collector.wifi.fixtures --collector.xfrm --no-collector.xfrm --collector.xfs --no-collector.xfs --collector.zfs --no-collector.zfs --collector.zoneinfo --no-collector.zoneinfo --log.level --log.format --runtime.gomaxprocs --statsd.cache-type --statsd.event-queue-size --statsd.event-flush-threshold --statsd.event-flush-interval --statsd.udp-packet-queue-size --version send service top"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --web.listen-address)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.unixsocket-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.config.file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.telemetry-path)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.scrape-timeout-offset)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.listen-udp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.listen-tcp)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.listen-unixgram)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.listen-unixstream)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.allow-from)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.unixsocket-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.relay.address)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.relay.packet-length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.mapping-config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --debug.dump-fsm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.read-buffer)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.cache-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.set-window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.state-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.max-requests)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.max-connections)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.max-connections-per-address)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.max-header-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.read-header-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.idle-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.write-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --web.max-failed-logins)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-connections)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-connections-per-address)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.idle-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-line-length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-frame-length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-name-length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-tags)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-label-length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-series)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-series-per-metric)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-mapping-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-mapping-rules)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.max-regex-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.relay.buffer-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --limit.memory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --path.procfs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --path.sysfs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --path.rootfs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --path.udev.data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --host.backend)
                    COMPREPLY=($(compgen -W "native portable" -- "${cur}"))
                    return 0
                    ;;
                --collector.arp.device-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.arp.device-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.containers.id-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.containers.id-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.containers.max)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.cpu.info.flags-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.cpu.info.bugs-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.diskstats.device-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.diskstats.device-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.filesystem.mount-points-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.filesystem.mount-points-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.filesystem.fs-types-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.filesystem.fs-types-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.filesystem.mount-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.filesystem.stat-workers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.hwmon.chip-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.hwmon.chip-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.hwmon.sensor-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.hwmon.sensor-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.infiniband.device-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.infiniband.device-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.interrupts.name-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.interrupts.name-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.ipvs.backend-labels)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.netclass.ignored-devices)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.netdev.device-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.netdev.device-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.netstat.fields)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.pcidevice.idsfile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.powersupply.ignored-supplies)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.process_top.count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.qdisc.fixtures)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.qdisc.device-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.qdisc.device-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.slabinfo.slabs-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.slabinfo.slabs-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.sysctl.include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.sysctl.include-info)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.systemd.unit-include)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.systemd.unit-exclude)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.systemd.socket)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.tapestats.ignored-devices)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.tcpstat.port.source)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.tcpstat.port.dest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.textfile.directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.textfile.max-files)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.textfile.max-file-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.textfile.max-total-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.vmstat.fields)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --collector.wifi.fixtures)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --log.level)
                    COMPREPLY=($(compgen -W "debug info warn error" -- "${cur}"))
                    return 0
                    ;;
                --log.format)
                    COMPREPLY=($(compgen -W "logfmt json" -- "${cur}"))
                    return 0
                    ;;
                --runtime.gomaxprocs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.cache-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.event-queue-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.event-flush-threshold)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.event-flush-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --statsd.udp-packet-queue-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__send)
            opts="-h --tag --rate --to --help counter gauge timer histogram distribution set"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --tag)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --rate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --to)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service)
            opts="-h --user --root --manager --help install uninstall start stop restart status logs"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service__subcmd__install)
            opts="-h --help --user --root --manager"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service__subcmd__logs)
            opts="-f -h --follow --help --user --root --manager"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service__subcmd__restart)
            opts="-h --help --user --root --manager"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service__subcmd__start)
            opts="-h --help --user --root --manager"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service__subcmd__status)
            opts="-h --help --user --root --manager"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service__subcmd__stop)
            opts="-h --help --user --root --manager"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__service__subcmd__uninstall)
            opts="-h --help --user --root --manager"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manager)
                    COMPREPLY=($(compgen -W "systemd launchd procd" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        tallyd__subcmd__top)
            opts="-h --from --count --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --from)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _tallyd -o nosort -o bashdefault -o default tallyd
else
    complete -F _tallyd -o bashdefault -o default tallyd
fi
