// Reads the topic that is named, until it is stopped: one line of JSON for each event.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
)

func main() {
	ctx := context.Background()
	registry, err := sr.NewClient(sr.URLs(os.Getenv("REGISTRY"))) // with a token: sr.BasicAuth("me", token)
	check(err)
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Getenv("BROKER")),
		kgo.ConsumerGroup("team-in-go"),
		kgo.ConsumeTopics("finance.voucher.created.v1"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	check(err)
	defer client.Close()

	var frame sr.ConfluentHeader
	schemas := map[int]avro.Schema{}
	for {
		fetches := client.PollFetches(ctx)
		check(fetches.Err())
		fetches.EachRecord(func(record *kgo.Record) {
			id, payload, err := frame.DecodeID(record.Value)
			check(err)
			if schemas[id] == nil {
				found, err := registry.SchemaByID(ctx, id)
				check(err)
				schemas[id], err = avro.Parse(found.Schema)
				check(err)
			}
			voucher := map[string]any{}
			check(avro.Unmarshal(schemas[id], payload, &voucher))
			amount := voucher["amount"].(*big.Rat) // exact; a float would not be
			line := map[string]any{"key": string(record.Key), "amount": amount.FloatString(2)}
			for _, header := range record.Headers {
				line[header.Key] = string(header.Value)
			}
			check(json.NewEncoder(os.Stdout).Encode(line))
		})
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
