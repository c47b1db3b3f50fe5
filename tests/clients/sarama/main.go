// sarama: usage: client HOST:PORT PREFIX, or client HOST:PORT actor.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
)

const tellsNulls = true

type saramaRecords struct{ servers []string }

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

// nil without the bytes: an Encoder that holds nil is an empty one.
func encoder(bytes []byte) sarama.Encoder {
	if bytes == nil {
		return nil
	}
	return sarama.ByteEncoder(bytes)
}

func (s saramaRecords) write(topic, codec string, records []record) (offsets []int64, err error) {
	settings := config()
	if err := settings.Producer.Compression.UnmarshalText([]byte(codec)); err != nil {
		return nil, err
	}
	producer, err := sarama.NewSyncProducer(s.servers, settings)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	var messages []*sarama.ProducerMessage
	for _, r := range records {
		m := &sarama.ProducerMessage{Topic: topic, Timestamp: r.time, Key: encoder(r.key), Value: encoder(r.value)}
		for _, h := range r.headers {
			m.Headers = append(m.Headers, sarama.RecordHeader{Key: []byte(h.key), Value: h.value})
		}
		messages = append(messages, m)
	}
	if err := producer.SendMessages(messages); err != nil {
		return nil, err
	}
	for _, m := range messages {
		offsets = append(offsets, m.Offset)
	}
	return offsets, nil
}

func (s saramaRecords) read(topic string, from int64, count int) (records []record, err error) {
	consumer, err := sarama.NewConsumer(s.servers, config())
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, from)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	for len(records) < count {
		select {
		case m := <-partition.Messages():
			one := record{offset: m.Offset, time: m.Timestamp, key: m.Key, value: m.Value}
			for _, h := range m.Headers {
				one.headers = append(one.headers, header{string(h.Key), h.Value})
			}
			records = append(records, one)
		case <-time.After(20 * time.Second):
			return nil, fmt.Errorf("no record for 20 s after %d", len(records))
		}
	}
	return records, nil
}

func (s saramaRecords) offsetOf(topic string, timeMs int64) (int64, error) {
	client, err := sarama.NewClient(s.servers, config())
	if err != nil {
		return 0, err
	}
	defer client.Close()
	return client.GetOffset(topic, 0, timeMs) // earliest and latest are what they are in the protocol
}

func (s saramaRecords) administer(topic string) error {
	admin, err := sarama.NewClusterAdmin(s.servers, config())
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

func main() {
	if servers, prefix := os.Args[1], os.Args[2]; prefix != "actor" {
		compareRecords(saramaRecords{[]string{servers}}, prefix)
	} else if actor, err := newSarama(servers); err != nil {
		panic(err)
	} else {
		act(actor)
	}
}
