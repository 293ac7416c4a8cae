import { useChatScope } from '@it0/client/react/chat-scope';
import type { Attachment } from '@it0/contracts/attachment';
import { toAttachmentPath } from '@it0/contracts/attachment';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { upload } from '../composer/upload.ts';

type Question = { text: string; attachments: Attachment[] };

/** Returns a function that sends a message again, with copies of its files. The files of the draft stay there. */
export function useAskAgain() {
  const t = useTranslations('reply');
  const { chat } = useChatScope();
  return async ({ text, attachments }: Question) => {
    const send = chat.captureSend();
    try {
      send(text, await Promise.all(attachments.map(copyFile)));
    } catch {
      toast.error(t('filesMissing'));
    }
  };
}

/** Uploads the content of an attachment again, since a file belongs to one message. */
async function copyFile({ id, name }: Attachment): Promise<Attachment> {
  const response = await fetch(toAttachmentPath(id));
  if (!response.ok) throw new Error(`the attachment could not be read: ${response.status}`);
  const file = new File([await response.blob()], name);
  return upload(file, { onProgress: () => {}, signal: new AbortController().signal });
}
