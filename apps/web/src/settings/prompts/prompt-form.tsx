import type { Prompt } from '@it0/client/chat-source';
import { limits } from '@it0/contracts/limits';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { client, trpc } from '../../trpc.ts';
import { CheckBox, TextArea } from '../../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../../ui/form/form.tsx';
import { NameField } from '../../ui/form/name-field.tsx';

/** Form for a new prompt, or for an existing one. */
export function PromptForm({ prompt, onSaved }: { prompt: Prompt | null; onSaved(): void }) {
  const t = useTranslations();
  const utils = trpc.useUtils();
  const canShare = usePermission('member:manage');
  const values = { name: prompt?.name ?? '', text: prompt?.text ?? '', shared: prompt?.shared ?? false };
  const form = useServerForm(values, async (input) => {
    if (prompt) await client.prompt.update.mutate({ promptId: prompt.id, ...input });
    else await client.prompt.create.mutate(input);
    await utils.prompt.list.invalidate();
    onSaved();
  });
  return (
    <Form form={form}>
      <NameField form={form} name="name" />
      <TextArea
        form={form}
        name="text"
        label={t('prompts.text')}
        hint={t('prompts.textHint', { example: '{{host}}' })}
        rules={{ maxLength: limits.message }}
      />
      {canShare && <CheckBox form={form} name="shared" label={t('prompts.share')} />}
      <Submit form={form}>{t('form.save')}</Submit>
    </Form>
  );
}
