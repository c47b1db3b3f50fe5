// What the programs in Go share: the records that every client of this folder writes, with null keys, null and empty
// values, headers and times 10 ms apart, and the scenarios that compare them field by field when they come back.
// Copied beside the program of each client.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"
)

const count = 3000

const earliest, latest = -2, -1 // in place of a time

type header struct {
	key   string
	value []byte
}

type record struct {
	offset     int64
	time       time.Time
	key, value []byte
	headers    []header
}

// What a client does with partition 0 of a topic.
type recordClient interface {
	write(topic, codec string, records []record) (offsets []int64, err error)
	read(topic string, from int64, count int) ([]record, error)
	offsetOf(topic string, timeMs int64) (int64, error)
	administer(topic string) error
}

var first = time.Now().Add(-100 * time.Second).Truncate(time.Millisecond)

func wanted(n int) record {
	r := record{offset: int64(n), time: first.Add(time.Duration(10*n) * time.Millisecond)}
	if n%5 != 0 {
		r.key = []byte(fmt.Sprintf("key-%d", n))
	}
	if n%7 != 0 {
		r.value = []byte{}
		if n%11 != 0 {
			r.value = []byte(strings.Repeat(fmt.Sprintf("value-%d ", n), n%40+1))
		}
	}
	if n%3 == 0 {
		r.headers = []header{{"n", []byte(fmt.Sprint(n))}, {"n", []byte("again")}, {"empty", []byte{}}, {"null", nil}}
	}
	return r
}

// tellsNulls: whether what the client's library reads tells null from empty; each program says so.
func sameBytes(a, b []byte) bool {
	return bytes.Equal(a, b) && ((a == nil) == (b == nil) || !tellsNulls)
}

func check(found record, n int) error {
	w := wanted(n)
	same := found.offset == w.offset && found.time.Equal(w.time) && sameBytes(found.key, w.key) &&
		sameBytes(found.value, w.value) && len(found.headers) == len(w.headers)
	for i := 0; same && i < len(w.headers); i++ {
		same = found.headers[i].key == w.headers[i].key && sameBytes(found.headers[i].value, w.headers[i].value)
	}
	if !same {
		return fmt.Errorf("record %d differs: offset %d, key %q, value %q, headers %q, time %v", n, found.offset,
			found.key, found.value, found.headers, found.time)
	}
	return nil
}

func writeAll(c recordClient, topic, codec string) error {
	var records []record
	for n := range count {
		records = append(records, wanted(n))
	}
	offsets, err := c.write(topic, codec, records)
	if err != nil {
		return err
	}
	for n, offset := range offsets {
		if offset != int64(n) {
			return fmt.Errorf("record %d was acknowledged at offset %d", n, offset)
		}
	}
	return nil
}

func readBack(c recordClient, topic string, start, end int) error {
	records, err := c.read(topic, int64(start), end-start)
	if err != nil {
		return err
	}
	if len(records) != end-start {
		return fmt.Errorf("%d records, wanted %d", len(records), end-start)
	}
	for i, found := range records {
		if err := check(found, start+i); err != nil {
			return err
		}
	}
	return nil
}

func seekByOffsetAndTime(c recordClient, topic string) error {
	if err := writeAll(c, topic, "none"); err != nil {
		return err
	}
	for _, asked := range []struct{ time, offset int64 }{{first.Add(12337 * time.Millisecond).UnixMilli(), 1234},
		{earliest, 0}, {latest, count}} {
		offset, err := c.offsetOf(topic, asked.time)
		if err != nil || offset != asked.offset {
			return fmt.Errorf("offset of %d is %d (%v), wanted %d", asked.time, offset, err, asked.offset)
		}
	}
	if err := readBack(c, topic, 1234, 1400); err != nil {
		return err
	}
	return readBack(c, topic, count-5, count)
}

// A line for each scenario: `ok NAME` or `FAILED NAME why`.
func compareRecords(c recordClient, prefix string) {
	failed := false
	scenario := func(name string, body func(topic string) error) {
		if err := body(prefix + "-" + name); err != nil {
			failed = true
			fmt.Println("FAILED", name, strings.ReplaceAll(err.Error(), "\n", " "))
			return
		}
		fmt.Println("ok", name)
	}
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		scenario(codec, func(topic string) error {
			if err := writeAll(c, topic, codec); err != nil {
				return err
			}
			return readBack(c, topic, 0, count)
		})
	}
	scenario("seek-offset-time", func(topic string) error { return seekByOffsetAndTime(c, topic) })
	scenario("admin", c.administer)
	if failed {
		os.Exit(1)
	}
}
