import { z } from 'zod';
import { defineTool } from '../tool.ts';
import { runFileTool } from './run-file-tool.ts';
import { openFile, readAll } from './workspace-file.ts';
import { formatPath, parsePath, Refusal, requireFilePath } from './workspace-path.ts';

const MAX_IMAGE_BYTES = 5 * 1024 * 1024;

/** Shows an image to the model. */
export const viewImage = defineTool({
  description: 'View an image in the workspace or the shared folder: PNG, JPEG, WebP or GIF, up to 5 MB.',
  input: z.strictObject({ path: z.string().describe('Relative to the workspace, or "shared/…".') }),
  title: ({ path }) => formatPath(path),
  run: ({ path }, call) =>
    runFileTool(async () => {
      await using file = await openFile(requireFilePath(parsePath(call.workspace, path), path));
      const bytes = await readAll(file, MAX_IMAGE_BYTES);
      const mediaType = findImageType(bytes);
      if (!mediaType) throw new Refusal(`${formatPath(path)} is not a PNG, JPEG, WebP or GIF image.`);
      const text = `${formatPath(path)}: ${mediaType}, ${bytes.length} bytes.`;
      return { text, image: { mediaType, data: bytes.toString('base64') } };
    }),
});

/** Returns the media type of an image by its signature. */
function findImageType(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 12);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (/^RIFF.{4}WEBP/s.test(start)) return 'image/webp';
  return undefined;
}
