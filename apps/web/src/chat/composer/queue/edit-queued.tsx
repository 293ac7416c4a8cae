import type { MessageEdit } from '@it0/client/draft/message-edits';
import { useTranslations } from 'use-intl';
import { EditForm } from '../../edit/edit-form.tsx';
import type { Queue } from './use-queue.ts';

type Props = { edit: MessageEdit; onSave: Queue['edit'] };

/** Form for the text and the files of a message that waits. Once it is sent, the change becomes another version of it. */
export function EditQueued({ edit, onSave }: Props) {
  const t = useTranslations('queue');
  return (
    <EditForm
      edit={edit}
      label={t('editor')}
      testId="edit-queued"
      submitLabel={t('save')}
      onSubmit={(text, attachments) =>
        onSave(
          edit.taskId,
          text,
          attachments.map(({ id }) => id),
        )
      }
    />
  );
}
