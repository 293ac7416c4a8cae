import type { Session } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { Form, Submit, useServerForm } from '../../ui/form/form.tsx';
import { NameField } from '../../ui/form/name-field.tsx';

type Props<S extends Pick<Session, 'title'>> = {
  session: S | null;
  onRename(session: S, title: string): Promise<void>;
  onClose(): void;
  returnTo(): HTMLElement | null;
};

/** Dialog that renames a session; open while there is one. */
export function RenameSession<S extends Pick<Session, 'title'>>({ session, onRename, onClose, returnTo }: Props<S>) {
  const t = useTranslations('sessions');
  return (
    <Dialog title={t('renameTitle')} open={session !== null} onOpenChange={onClose} returnTo={returnTo}>
      {session && <TitleForm title={session.title} onSave={(title) => onRename(session, title).then(onClose)} />}
    </Dialog>
  );
}

function TitleForm({ title, onSave }: { title: string; onSave(title: string): Promise<void> }) {
  const t = useTranslations();
  const form = useServerForm({ name: title }, (values) => onSave(values.name));
  return (
    <Form form={form}>
      <NameField form={form} name="name" label={t('sessions.title')} />
      <Submit form={form}>{t('form.save')}</Submit>
    </Form>
  );
}
