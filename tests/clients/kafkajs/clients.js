// kafkajs: usage: clients.js HOST:PORT PREFIX. One line a scenario: `ok NAME` or `FAILED NAME why`. kafkajs reads only
// as a member of a group, so that its own connection to a broker fetches here, which leaves the assignment to us.
const assert = require('node:assert')
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs')
const Cluster = require('kafkajs/src/cluster')
const createDefaultSocketFactory = require('kafkajs/src/network/socketFactory')
const { LEVELS, createLogger } = require('kafkajs/src/loggers')
const silent = require('kafkajs/src/loggers/console')

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
const lz4 = require('lz4-napi')
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: async (buffer) => lz4.decompressFrame(buffer),
})
const zstd = require('@bokuweb/zstd-wasm')
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from(zstd.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(zstd.decompress(buffer)),
})

const COUNT = 3000
const FIRST_MS = Date.now() - 100000
const [servers, prefix] = process.argv.slice(2)
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [servers], logLevel: logLevel.NOTHING })

// The records every client of this folder writes: null keys, null and empty values, headers, times 10 ms apart.
function record(n) {
  const headers = n % 3 === 0 ? { n: [`${n}`, 'again'], empty: '' } : {}
  const value = n % 7 === 0 ? null : n % 11 === 0 ? '' : `value-${n} `.repeat((n % 40) + 1)
  return { partition: 0, key: n % 5 === 0 ? null : `key-${n}`, value, headers, timestamp: `${FIRST_MS + 10 * n}` }
}

const text = (value) =>
  value === null || value === undefined ? null : Array.isArray(value) ? value.map(text) : value.toString()

function check(found, n) {
  const wanted = record(n)
  const plain = {
    key: text(found.key), value: text(found.value), timestamp: found.timestamp, offset: found.offset,
    headers: Object.fromEntries(Object.entries(found.headers).map(([name, value]) => [name, text(value)])),
  }
  assert.deepStrictEqual(plain, { key: wanted.key, value: wanted.value, timestamp: wanted.timestamp, offset: `${n}`,
    headers: wanted.headers })
}

async function write(topic, compression, idempotent) {
  const producer = kafka.producer({ allowAutoTopicCreation: true, idempotent })
  await producer.connect()
  for (let first = 0; first < COUNT; first += 500) {
    const messages = Array.from({ length: 500 }, (_, n) => record(first + n))
    const [sent] = await producer.send({ topic, messages, compression, acks: -1 })
    assert.strictEqual(sent.baseOffset, `${first}`)
  }
  await producer.disconnect()
}

// Reads from an offset on and checks each record up to `end`.
async function read(topic, start, end) {
  const cluster = new Cluster({ brokers: [servers], clientId: 'kafkajs', logger: createLogger({ level: LEVELS.NOTHING,
    logCreator: silent }), socketFactory: createDefaultSocketFactory(), offsets: new Map(), connectionTimeout: 5000,
    requestTimeout: 30000, enforceRequestTimeout: true, metadataMaxAge: 300000, allowAutoTopicCreation: false,
    maxInFlightRequests: null, isolationLevel: 1, retry: { retries: 5 } })
  await cluster.connect()
  await cluster.addTargetTopic(topic)
  const leader = cluster.findTopicPartitionMetadata(topic)[0].leader
  const broker = await cluster.findBroker({ nodeId: `${leader}` })
  for (let next = start; next < end; ) {
    const partitions = [{ partition: 0, fetchOffset: `${next}`, maxBytes: 1 << 20 }]
    const { responses } = await broker.fetch({ maxWaitTime: 1000, minBytes: 1, maxBytes: 1 << 22, isolationLevel: 1,
      topics: [{ topic, partitions }] })
    const found = responses[0].partitions[0].messages.filter((message) => Number(message.offset) >= next)
    assert.ok(found.length > 0, `nothing at offset ${next}`)
    for (const message of found) if (next < end) check(message, next++)
  }
  await cluster.disconnect()
}

const codec = (type, idempotent) => async (topic) => {
  await write(topic, type, idempotent)
  await read(topic, 0, COUNT)
}

async function seek(topic) {
  await write(topic, CompressionTypes.None, false)
  const admin = kafka.admin()
  await admin.connect()
  const [ends] = await admin.fetchTopicOffsets(topic)
  assert.deepStrictEqual([ends.low, ends.high], ['0', `${COUNT}`])
  const [found] = await admin.fetchTopicOffsetsByTimestamp(topic, FIRST_MS + 12337)
  assert.strictEqual(found.offset, '1234')
  await admin.disconnect()
  await read(topic, 1234, 1400)
  await read(topic, COUNT - 5, COUNT)
}

async function administer(topic) {
  const admin = kafka.admin()
  await admin.connect()
  const topics = [{ topic, numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '1234567' }] }]
  assert.strictEqual(await admin.createTopics({ topics, waitForLeaders: true }), true)
  assert.strictEqual(await admin.createTopics({ topics }), false, 'it is there already')
  await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
  const described = await admin.describeConfigs({ resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }] })
  assert.strictEqual(described.resources[0].configEntries[0].configValue, '1234567')
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
}

async function main() {
  await zstd.init()
  const scenarios = { none: codec(CompressionTypes.None, true), gzip: codec(CompressionTypes.GZIP, true),
    snappy: codec(CompressionTypes.Snappy), lz4: codec(CompressionTypes.LZ4), zstd: codec(CompressionTypes.ZSTD), 'seek-offset-time': seek,
    admin: administer }
  for (const [name, body] of Object.entries(scenarios)) {
    try {
      await body(`${prefix}-${name}`)
      console.log(`ok ${name}`)
    } catch (problem) {
      process.exitCode = 1
      console.log(`FAILED ${name} ${String(problem.stack).split('\n').slice(0, 6).join(' | ')}`)
    }
  }
}

main().then(() => process.exit())
