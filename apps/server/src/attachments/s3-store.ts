import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';

export type S3 = { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };

/** Creates a store in an S3-compatible bucket, which several servers can share. */
export function createS3Store({ endpoint, region, bucket: Bucket, ...credentials }: S3): AttachmentStore {
  // Loaded lazily: the SDK is large.
  let connection: ReturnType<typeof connect> | undefined;
  const getConnection = () => (connection ??= connect());
  async function connect() {
    const s3 = await import('@aws-sdk/client-s3');
    const client = new s3.S3Client({
      ...{ endpoint, region, credentials, forcePathStyle: true },
      // Not every S3-compatible server supports the newer checksums.
      ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
    });
    return { s3, client };
  }
  return {
    async put(Key, file) {
      const { s3, client } = await getConnection();
      const { size: ContentLength } = await stat(file);
      await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: createReadStream(file), ContentLength }));
      await rm(file);
    },
    async open(Key) {
      const { s3, client } = await getConnection();
      try {
        const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
        return Body as Readable;
      } catch (error) {
        if (error instanceof s3.NoSuchKey) return null;
        throw error;
      }
    },
    async remove(Key) {
      const { s3, client } = await getConnection();
      await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
    },
  };
}
