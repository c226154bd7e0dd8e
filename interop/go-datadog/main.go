// Every call of Go's datadog-go v5, with the packed values that it sends for histograms. usage: client udp|unixgram ADDRESS
package main

import (
	"log"
	"os"
	"time"

	"github.com/DataDog/datadog-go/v5/statsd"
)

func main() {
	log.SetFlags(0)
	address := os.Args[2]
	if os.Args[1] == "unixgram" {
		address = "unixgram://" + address
	}
	client, err := statsd.New(address,
		statsd.WithNamespace("interop."),
		statsd.WithTags([]string{"env:test"}),
		statsd.WithContainerID("in-42"),
		statsd.WithCardinality(statsd.CardinalityLow),
		statsd.WithExtendedClientSideAggregation(),
		statsd.WithoutTelemetry(),
	)
	if err != nil {
		log.Fatal(err)
	}
	date := time.Unix(1656581400, 0)
	tags := []string{"path:/a b", "Zone:eu"}
	for _, err := range []error{
		client.Incr("counter", nil, 1),
		client.Count("counter", 4, tags, 1),
		client.Count("counter", 5, nil, 1),
		client.CountWithTimestamp("dated", 2, nil, 1, date),
		client.Decr("down", nil, 1),
		client.Gauge("gauge", 4.5, nil, 1),
		client.Gauge("gauge", 2.25, nil, 1),
		client.GaugeWithTimestamp("dated.gauge", 3, nil, 1, date),
		client.Histogram("histogram", 12, nil, 1),
		client.Histogram("histogram", 0.5, nil, 1),
		client.Distribution("distribution", 7, nil, 1),
		client.Timing("timer", 320*time.Millisecond, nil, 1),
		client.TimeInMilliseconds("timer", 80, nil, 1),
		client.Set("set", "alice", nil, 1),
		client.Set("set", "bob", nil, 1),
		client.Set("set", "alice", nil, 1),
		client.SimpleEvent("title", "two\nlines"),
		client.ServiceCheck(&statsd.ServiceCheck{
			Name: "interop.check", Status: statsd.Warn, Message: "m", Hostname: "h", Timestamp: date,
		}),
		client.Close(),
	} {
		if err != nil {
			log.Fatal(err)
		}
	}
}
