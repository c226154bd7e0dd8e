// It forgets its counters with each flush, so there is none.
{ address: "127.0.0.1", port: {statsd}, mgmt_address: "127.0.0.1", mgmt_port: {web}, flushInterval: 3600000, backends: [] }
