// franz-go: usage: franz-go HOST:PORT PREFIX. One line a scenario: `ok NAME` or `FAILED NAME why`.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const count = 3000

var (
	servers, prefix string
	failed          bool
	first           = time.Now().Add(-100 * time.Second).Truncate(time.Millisecond)
)

// The records every client of this folder writes: null keys, null and empty values, headers, times 10 ms apart.
func record(topic string, n int) *kgo.Record {
	r := &kgo.Record{Topic: topic, Timestamp: first.Add(time.Duration(10*n) * time.Millisecond)}
	if n%5 != 0 {
		r.Key = []byte(fmt.Sprintf("key-%d", n))
	}
	if n%7 != 0 {
		r.Value = []byte{}
		if n%11 != 0 {
			r.Value = []byte(strings.Repeat(fmt.Sprintf("value-%d ", n), n%40+1))
		}
	}
	if n%3 == 0 {
		r.Headers = []kgo.RecordHeader{{Key: "n", Value: []byte(fmt.Sprint(n))}, {Key: "n", Value: []byte("again")},
			{Key: "empty", Value: []byte{}}, {Key: "null", Value: nil}}
	}
	return r
}

func sameBytes(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

func check(found *kgo.Record, n int) error {
	wanted := record(found.Topic, n)
	same := found.Offset == int64(n) && found.Timestamp.Equal(wanted.Timestamp) &&
		sameBytes(found.Key, wanted.Key) && sameBytes(found.Value, wanted.Value) &&
		len(found.Headers) == len(wanted.Headers)
	for i := 0; same && i < len(wanted.Headers); i++ {
		same = found.Headers[i].Key == wanted.Headers[i].Key &&
			sameBytes(found.Headers[i].Value, wanted.Headers[i].Value)
	}
	if !same {
		return fmt.Errorf("record %d differs: offset %d, key %q, value %q, headers %v, time %v", n, found.Offset,
			found.Key, found.Value, found.Headers, found.Timestamp)
	}
	return nil
}

func client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(servers), kgo.AllowAutoTopicCreation(),
		kgo.RecordPartitioner(kgo.ManualPartitioner())}, options...)...)
}

func write(ctx context.Context, topic string, options ...kgo.Opt) error {
	producer, err := client(options...)
	if err != nil {
		return err
	}
	defer producer.Close()
	var records []*kgo.Record
	for n := 0; n < count; n++ {
		records = append(records, record(topic, n))
	}
	for n, result := range producer.ProduceSync(ctx, records...) {
		if result.Err != nil {
			return result.Err
		}
		if result.Record.Offset != int64(n) {
			return fmt.Errorf("record %d was acknowledged at offset %d", n, result.Record.Offset)
		}
	}
	return nil
}

func read(ctx context.Context, topic string, from kgo.Offset, start, end int) error {
	consumer, err := client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: from}}))
	if err != nil {
		return err
	}
	defer consumer.Close()
	for next := start; next < end; {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("after %d records: %w", next-start, err)
		}
		var wrong error
		fetches.EachRecord(func(r *kgo.Record) {
			if wrong == nil && next < end {
				wrong = check(r, next)
				next++
			}
		})
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

func codec(codec kgo.CompressionCodec) func(context.Context, string) error {
	return func(ctx context.Context, topic string) error {
		if err := write(ctx, topic, kgo.ProducerBatchCompression(codec)); err != nil {
			return err
		}
		return read(ctx, topic, kgo.NewOffset().AtStart(), 0, count)
	}
}

func seek(ctx context.Context, topic string) error {
	if err := write(ctx, topic); err != nil {
		return err
	}
	if err := read(ctx, topic, kgo.NewOffset().At(count/2), count/2, count); err != nil {
		return err
	}
	at := first.Add(12340 * time.Millisecond).UnixMilli()
	if err := read(ctx, topic, kgo.NewOffset().AfterMilli(at-3), 1234, 1400); err != nil {
		return err
	}
	return read(ctx, topic, kgo.NewOffset().AtEnd().Relative(-10), count-10, count)
}

func admin(ctx context.Context, topic string) error {
	c, err := client()
	if err != nil {
		return err
	}
	defer c.Close()
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

func scenario(name string, body func(context.Context, string) error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := body(ctx, prefix+"-"+name); err != nil {
		failed = true
		fmt.Printf("FAILED %s %v\n", name, err)
		return
	}
	fmt.Println("ok", name)
}

func main() {
	servers, prefix = os.Args[1], os.Args[2]
	if prefix == "actor" {
		actor, err := newFranz(servers)
		if err != nil {
			panic(err)
		}
		act(actor)
		return
	}
	scenario("none", codec(kgo.NoCompression()))
	scenario("gzip", codec(kgo.GzipCompression()))
	scenario("snappy", codec(kgo.SnappyCompression()))
	scenario("lz4", codec(kgo.Lz4Compression()))
	scenario("zstd", codec(kgo.ZstdCompression()))
	scenario("seek-offset-time", seek)
	scenario("admin", admin)
	if failed {
		os.Exit(1)
	}
}
