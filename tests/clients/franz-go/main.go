// franz-go: usage: client HOST:PORT PREFIX, or client HOST:PORT actor.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const tellsNulls = true

type franzRecords struct{ servers string }

var codecs = map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

func (f franzRecords) client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(f.servers), kgo.AllowAutoTopicCreation(),
		kgo.RecordPartitioner(kgo.ManualPartitioner())}, options...)...)
}

func (f franzRecords) write(topic, codec string, records []record) (offsets []int64, err error) {
	producer, err := f.client(kgo.ProducerBatchCompression(codecs[codec]))
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	var all []*kgo.Record
	for _, r := range records {
		one := &kgo.Record{Topic: topic, Timestamp: r.time, Key: r.key, Value: r.value}
		for _, h := range r.headers {
			one.Headers = append(one.Headers, kgo.RecordHeader{Key: h.key, Value: h.value})
		}
		all = append(all, one)
	}
	ctx, cancel := within()
	defer cancel()
	for _, result := range producer.ProduceSync(ctx, all...) {
		if result.Err != nil {
			return nil, result.Err
		}
		offsets = append(offsets, result.Record.Offset)
	}
	return offsets, nil
}

func (f franzRecords) read(topic string, from int64, count int) (records []record, err error) {
	consumer, err := f.client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
		topic: {0: kgo.NewOffset().At(from)}}))
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	ctx, cancel := within()
	defer cancel()
	for len(records) < count {
		fetches := consumer.PollRecords(ctx, count-len(records))
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("after %d records: %w", len(records), err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			one := record{offset: r.Offset, time: r.Timestamp, key: r.Key, value: r.Value}
			for _, h := range r.Headers {
				one.headers = append(one.headers, header{h.Key, h.Value})
			}
			records = append(records, one)
		})
	}
	return records, nil
}

func (f franzRecords) offsetOf(topic string, timeMs int64) (int64, error) {
	c, err := f.client()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	admin, list := kadm.NewClient(c), map[int64]func(*kadm.Client, context.Context, ...string) (kadm.ListedOffsets, error){
		earliest: (*kadm.Client).ListStartOffsets, latest: (*kadm.Client).ListEndOffsets}[timeMs]
	ctx, cancel := within()
	defer cancel()
	var found kadm.ListedOffsets
	if list != nil {
		found, err = list(admin, ctx, topic)
	} else {
		found, err = admin.ListOffsetsAfterMilli(ctx, timeMs, topic)
	}
	if err != nil {
		return 0, err
	}
	return found[topic][0].Offset, found.Error()
}

func (f franzRecords) administer(topic string) error {
	c, err := f.client()
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := within()
	defer cancel()
	admin := kadm.NewClient(c)
	if _, err := admin.CreateTopic(ctx, 3, 1, nil, topic); err != nil {
		return err
	}
	if _, err := admin.CreateTopic(ctx, 3, 1, nil, topic); !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("the topic was created twice: %v", err)
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err != nil || ends.Error() != nil || len(ends[topic]) != 3 {
		return fmt.Errorf("end offsets: %v %v", ends, err)
	}
	deleted, err := admin.DeleteTopics(ctx, topic)
	if err != nil {
		return err
	}
	return deleted[topic].Err
}

func main() {
	if servers, prefix := os.Args[1], os.Args[2]; prefix != "actor" {
		compareRecords(franzRecords{servers}, prefix)
	} else if actor, err := newFranz(servers); err != nil {
		panic(err)
	} else {
		act(actor)
	}
}
