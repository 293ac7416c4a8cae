import type { Attachment } from '@it0/contracts/attachment';
import { isImage, toAttachmentPath } from '@it0/contracts/attachment-path';
import { FileText } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useFileSizeFormat } from './use-file-size-format.ts';

/** Lists the attachments of a message: images as previews, others as downloads. Shows only names until it is sent. */
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
              href={toAttachmentPath(attachment.id)}
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

/** Image preview with a fixed height, so that the conversation does not move when it loads. */
const Thumbnail = ({ attachment: { id, name } }: { attachment: Attachment }) => (
  <a href={toAttachmentPath(id)} target="_blank" rel="noreferrer" data-testid="attachment" className="block">
    <img
      src={toAttachmentPath(id)}
      alt={name}
      title={name}
      className="h-40 min-w-16 max-w-full rounded-xl border border-line bg-raised object-contain"
    />
  </a>
);

function FileCard({ attachment: { name, size } }: { attachment: Attachment }) {
  const formatSize = useFileSizeFormat();
  return (
    <span className="flex min-h-11 items-center gap-2 rounded-xl border border-line bg-raised px-3 py-1.5 text-sm">
      <FileText className="size-4 shrink-0 text-soft" />
      <span className="min-w-0 truncate">{name}</span>
      <span className="shrink-0 text-faint text-xs">{formatSize(size)}</span>
    </span>
  );
}
