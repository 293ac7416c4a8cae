/** Samples per second of recorded speech, which speech recognition works with. */
export const SAMPLE_RATE = 16_000;

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
const PCM = 1;
const CHANNELS = 1;

/** Encodes samples of one channel at `SAMPLE_RATE` as a WAV file with 16 bits per sample. */
export function encodeWav(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const dataBytes = samples.length * SAMPLE_BYTES;
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(bytes.buffer);
  const writeName = (offset: number, name: string) => {
    for (const [index, char] of [...name].entries()) view.setUint8(offset + index, char.charCodeAt(0));
  };
  writeName(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  writeName(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, CHANNELS, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * SAMPLE_BYTES, true);
  view.setUint16(32, SAMPLE_BYTES, true);
  view.setUint16(34, SAMPLE_BYTES * 8, true);
  writeName(36, 'data');
  view.setUint32(40, dataBytes, true);
  // As they are in memory, since WAV files and all supported processors are little-endian.
  bytes.set(new Uint8Array(samples.buffer, samples.byteOffset, dataBytes), HEADER_BYTES);
  return bytes;
}

/** Parses a WAV file exactly as `encodeWav` writes it. Returns null for anything else. */
export function parseWav(bytes: Uint8Array): Int16Array | null {
  const dataBytes = bytes.length - HEADER_BYTES;
  if (dataBytes < 0 || dataBytes % SAMPLE_BYTES !== 0) return null;
  const header = encodeWav(new Int16Array(0));
  const headerView = new DataView(header.buffer);
  headerView.setUint32(4, bytes.length - 8, true);
  headerView.setUint32(40, dataBytes, true);
  if (header.some((byte, index) => byte !== bytes[index])) return null;
  const samples = new Int16Array(dataBytes / SAMPLE_BYTES);
  new Uint8Array(samples.buffer).set(bytes.subarray(HEADER_BYTES));
  return samples;
}
