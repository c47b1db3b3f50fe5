// sarama: usage: sarama HOST:PORT PREFIX. One line a scenario: `ok NAME` or `FAILED NAME why`.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/IBM/sarama"
)

const count = 3000

var (
	servers, prefix string
	failed          bool
	first           = time.Now().Add(-100 * time.Second).Truncate(time.Millisecond)
)

// The records every client of this folder writes: null keys, null and empty values, headers, times 10 ms apart.
func message(topic string, n int) *sarama.ProducerMessage {
	m := &sarama.ProducerMessage{Topic: topic, Timestamp: first.Add(time.Duration(10*n) * time.Millisecond)}
	if n%5 != 0 {
		m.Key = sarama.StringEncoder(fmt.Sprintf("key-%d", n))
	}
	if n%7 != 0 {
		m.Value = sarama.ByteEncoder([]byte{})
		if n%11 != 0 {
			m.Value = sarama.StringEncoder(strings.Repeat(fmt.Sprintf("value-%d ", n), n%40+1))
		}
	}
	if n%3 == 0 {
		m.Headers = []sarama.RecordHeader{{Key: []byte("n"), Value: []byte(fmt.Sprint(n))},
			{Key: []byte("n"), Value: []byte("again")}, {Key: []byte("empty"), Value: []byte{}}}
	}
	return m
}

func same(found []byte, wanted sarama.Encoder) bool {
	if wanted == nil {
		return found == nil
	}
	b, _ := wanted.Encode()
	return found != nil && bytes.Equal(found, b)
}

func check(found *sarama.ConsumerMessage, n int) error {
	wanted := message(found.Topic, n)
	equal := found.Offset == int64(n) && found.Timestamp.Equal(wanted.Timestamp) && same(found.Key, wanted.Key) &&
		same(found.Value, wanted.Value) && len(found.Headers) == len(wanted.Headers)
	for i := 0; equal && i < len(wanted.Headers); i++ {
		equal = bytes.Equal(found.Headers[i].Key, wanted.Headers[i].Key) &&
			bytes.Equal(found.Headers[i].Value, wanted.Headers[i].Value)
	}
	if !equal {
		return fmt.Errorf("record %d differs: offset %d, key %q, value %q, time %v", n, found.Offset, found.Key,
			found.Value, found.Timestamp)
	}
	return nil
}

func config() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Idempotent = true
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Net.MaxOpenRequests = 1
	return config
}

func write(topic string, codec sarama.CompressionCodec) error {
	settings := config()
	settings.Producer.Compression = codec
	producer, err := sarama.NewSyncProducer([]string{servers}, settings)
	if err != nil {
		return err
	}
	defer producer.Close()
	var messages []*sarama.ProducerMessage
	for n := 0; n < count; n++ {
		messages = append(messages, message(topic, n))
	}
	if err := producer.SendMessages(messages); err != nil {
		return err
	}
	for n, m := range messages {
		if m.Offset != int64(n) {
			return fmt.Errorf("record %d was acknowledged at offset %d", n, m.Offset)
		}
	}
	return nil
}

func read(topic string, offset int64, start, end int) error {
	consumer, err := sarama.NewConsumer([]string{servers}, config())
	if err != nil {
		return err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, offset)
	if err != nil {
		return err
	}
	defer partition.Close()
	for n := start; n < end; n++ {
		select {
		case found := <-partition.Messages():
			if err := check(found, n); err != nil {
				return err
			}
		case <-time.After(20 * time.Second):
			return fmt.Errorf("no record for 20 s after %d", n)
		}
	}
	return nil
}

func codec(codec sarama.CompressionCodec) func(string) error {
	return func(topic string) error {
		if err := write(topic, codec); err != nil {
			return err
		}
		return read(topic, sarama.OffsetOldest, 0, count)
	}
}

func seek(topic string) error {
	if err := write(topic, sarama.CompressionNone); err != nil {
		return err
	}
	client, err := sarama.NewClient([]string{servers}, config())
	if err != nil {
		return err
	}
	defer client.Close()
	for _, asked := range []struct{ time, offset int64 }{{first.Add(12337 * time.Millisecond).UnixMilli(), 1234},
		{sarama.OffsetOldest, 0}, {sarama.OffsetNewest, count}} {
		offset, err := client.GetOffset(topic, 0, asked.time)
		if err != nil || offset != asked.offset {
			return fmt.Errorf("offset of %d is %d (%v), wanted %d", asked.time, offset, err, asked.offset)
		}
	}
	if err := read(topic, 1234, 1234, 1400); err != nil {
		return err
	}
	return read(topic, count-5, count-5, count)
}

func admin(topic string) error {
	admin, err := sarama.NewClusterAdmin([]string{servers}, config())
	if err != nil {
		return err
	}
	defer admin.Close()
	retention := "1234567"
	detail := &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: 1,
		ConfigEntries: map[string]*string{"retention.ms": &retention}}
	if err := admin.CreateTopic(topic, detail, false); err != nil {
		return err
	}
	entries, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic,
		ConfigNames: []string{"retention.ms"}})
	if err != nil || len(entries) != 1 || entries[0].Value != retention {
		return fmt.Errorf("settings: %v %v", entries, err)
	}
	return admin.DeleteTopic(topic)
}

func scenario(name string, body func(string) error) {
	if err := body(prefix + "-" + name); err != nil {
		failed = true
		fmt.Printf("FAILED %s %v\n", name, err)
		return
	}
	fmt.Println("ok", name)
}

func main() {
	servers, prefix = os.Args[1], os.Args[2]
	if prefix == "actor" {
		actor, err := newSarama(servers)
		if err != nil {
			panic(err)
		}
		act(actor)
		return
	}
	scenario("none", codec(sarama.CompressionNone))
	scenario("gzip", codec(sarama.CompressionGZIP))
	scenario("snappy", codec(sarama.CompressionSnappy))
	scenario("lz4", codec(sarama.CompressionLZ4))
	scenario("zstd", codec(sarama.CompressionZSTD))
	scenario("seek-offset-time", seek)
	scenario("admin", admin)
	if failed {
		os.Exit(1)
	}
}
