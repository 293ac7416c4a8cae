import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

/** Starts an S3 server in this process, with one bucket. */
export async function testS3() {
  const directory = mkdtempSync(join(tmpdir(), 'it0-s3-'));
  const bucket = 'attachments';
  const options = { port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets: [{ name: bucket }] };
  const server = new S3rver(options);
  const { port } = await server.run();
  return {
    ...{ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket },
    ...{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
