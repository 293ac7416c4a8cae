import { type Attachment, attachmentPath, isImage } from '@it0/contracts/attachment';
import { FileText } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useFileSize } from './use-file-size.ts';

/** What came with a message: images to look at, and files to download. Before the server has them, their names alone. */
export function Attachments({ attachments, sent }: { attachments: Attachment[]; sent: boolean }) {
  const t = useTranslations('chat');
  if (attachments.length === 0) return null;
  return (
    <ul aria-label={t('attachments')} className="flex max-w-full flex-wrap justify-end gap-1.5">
      {attachments.map((attachment) => (
        <li key={attachment.id} className="min-w-0 max-w-full">
          {!sent ? (
            <FileCard attachment={attachment} />
          ) : isImage(attachment.mediaType) ? (
            <Thumbnail attachment={attachment} />
          ) : (
            <a
              href={attachmentPath(attachment.id)}
              download={attachment.name}
              data-testid="attachment"
              className="block"
            >
              <FileCard attachment={attachment} />
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

/** As high as it will be before it is there, so that nothing jumps. */
const Thumbnail = ({ attachment: { id, name } }: { attachment: Attachment }) => (
  <a href={attachmentPath(id)} target="_blank" rel="noreferrer" data-testid="attachment" className="block">
    <img
      src={attachmentPath(id)}
      alt={name}
      title={name}
      className="h-40 min-w-16 max-w-full rounded-xl border border-line bg-raised object-contain"
    />
  </a>
);

function FileCard({ attachment: { name, size } }: { attachment: Attachment }) {
  const sizeOf = useFileSize();
  return (
    <span className="flex min-h-11 items-center gap-2 rounded-xl border border-line bg-raised px-3 py-1.5 text-sm">
      <FileText className="size-4 shrink-0 text-soft" />
      <span className="min-w-0 truncate">{name}</span>
      <span className="shrink-0 text-faint text-xs">{sizeOf(size)}</span>
    </span>
  );
}
