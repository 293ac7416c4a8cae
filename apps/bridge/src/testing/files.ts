import { crc32, deflateSync } from 'node:zlib';
import type { FakeServer } from './fake-server.ts';

/** Creates a black image. */
export function createPng(width: number, height: number) {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const pixels = deflateSync(Buffer.alloc((width + 1) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}
export const PNG = createPng(1, 1);

function chunk(type: string, data: Buffer) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const typed = Buffer.concat([Buffer.from(type), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
const PDF = '%PDF-1.7\n';

/** Creates one attachment of each kind that Claude supports. */
export const oneFilePerKind = (server: FakeServer) => [
  server.newAttachment('报告.csv', 'text/csv', 'a,b\n1,2'),
  server.newAttachment('disk.png', 'image/png', PNG),
  server.newAttachment('error.pdf', 'application/pdf', PDF),
  server.newAttachment('empty.log', 'text/plain', ''),
];
/** The scripted model's reply to these attachments. */
export const FILES_REPLY = `I got 报告.csv, 7 bytes; disk.png, ${PNG.length} bytes; error.pdf, ${PDF.length} bytes.`;
