/**
 * TensorBoard's files: TFRecord framing around protocol-buffer `Event`s. Sources:
 * tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.
 */

export interface SummaryEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  /** The first event of a file says `brain.Event:2`. */
  readonly fileVersion?: string;
  /** Tags and values. */
  readonly scalars?: readonly (readonly [string, number])[];
  /** Readers forget the events of `step` and later that other files of the run have. */
  readonly restart?: boolean;
}

/** `Event`: wall_time = 1, step = 2, file_version = 3, summary = 5, session_log = 7. */
export function encodeEvent(event: SummaryEvent): Uint8Array {
  const parts = [fixed64(1, event.wallTime)];
  if (event.step !== undefined) parts.push(varintField(2, event.step));
  if (event.fileVersion !== undefined) parts.push(bytesField(3, Buffer.from(event.fileVersion)));
  if (event.scalars !== undefined) {
    // Summary { repeated Value value = 1 }, Value { string tag = 1; float simple_value = 2 }
    const values = event.scalars.map(([tag, value]) =>
      bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), fixed32(2, value)])),
    );
    parts.push(bytesField(5, Buffer.concat(values)));
  }
  if (event.restart) parts.push(bytesField(7, varintField(1, 1))); // SessionLog { status: START }
  return Buffer.concat(parts);
}

/** A TFRecord: length, masked checksum of the length, data, masked checksum of the data. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return record;
}

function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli, RFC 3720), bit by bit: records are small. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

function varint(n: number): Buffer {
  const bytes: number[] = [];
  for (; n >= 128; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  bytes.push(n);
  return Buffer.from(bytes);
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function bytesField(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
}

function fixed64(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = field * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function fixed32(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = field * 8 + 5;
  bytes.writeFloatLE(value, 1);
  return bytes;
}
