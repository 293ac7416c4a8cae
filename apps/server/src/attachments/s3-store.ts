import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';

export type S3 = { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };

/** Keeps attachments in a bucket of anything that speaks S3, which many servers share. */
export function s3Store({ endpoint, region, bucket: Bucket, ...credentials }: S3): AttachmentStore {
  // Its library is read by whoever uses it, and nobody else.
  let made: ReturnType<typeof make> | undefined;
  const use = () => (made ??= make());
  async function make() {
    const s3 = await import('@aws-sdk/client-s3');
    const client = new s3.S3Client({
      ...{ endpoint, region, credentials, forcePathStyle: true },
      // Not everything that speaks S3 knows the newer checksums.
      ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
    });
    return { s3, client };
  }
  return {
    async keep(Key, file) {
      const { s3, client } = await use();
      const { size: ContentLength } = await stat(file);
      await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: createReadStream(file), ContentLength }));
      await rm(file);
    },
    async open(Key) {
      const { s3, client } = await use();
      try {
        const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
        return Body as Readable;
      } catch (error) {
        if (error instanceof s3.NoSuchKey) return null;
        throw error;
      }
    },
    async remove(Key) {
      const { s3, client } = await use();
      await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
    },
  };
}
