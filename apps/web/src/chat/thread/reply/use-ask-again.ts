import { useChatScope } from '@it0/client/react/chat-scope';
import type { Attachment } from '@it0/contracts/attachment';
import { useTranslations } from 'use-intl';
import { toast } from '../../../ui/toast/toast.ts';
import { copyFile } from '../message/copy-file.ts';

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
