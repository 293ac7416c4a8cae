import { useNavigate, useParams } from '@tanstack/react-router';
import { Command } from 'cmdk';
import {
  Bell,
  Bot,
  Keyboard,
  Languages,
  LogOut,
  type LucideIcon,
  MessageSquare,
  SquarePen,
  SunMoon,
} from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useTranslations } from 'use-intl';
import { useInstances } from '../agents/use-instances.ts';
import { useSections } from '../frame/use-sections.ts';
import { useLocaleChoice } from '../i18n/locale.tsx';
import { type Locale, localeNames } from '../i18n/locales.ts';
import { setPreference, usePreference } from '../settings/preferences.ts';
import { useMe } from '../sign-in/use-me.ts';
import { useSignOut } from '../sign-in/use-sign-out.ts';
import { trpc } from '../trpc.ts';
import { useAction } from '../ui/toast/use-action.ts';
import { useCommands } from './registered-commands.ts';

type Props = { onOpenChange(open: boolean): void; onSheet(): void };

const group =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-faint [&_[cmdk-group-heading]]:text-xs';

/** Palette with the agents, sessions, pages and actions. */
export default function Palette({ onOpenChange, onSheet }: Props) {
  const t = useTranslations('commands');
  return (
    <Dialog.Root open onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade-in bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-4 top-[max(1rem,10dvh)] z-50 mx-auto max-w-xl animate-rise overflow-hidden rounded-xl border border-line bg-panel shadow-(--shadow) outline-none"
        >
          <Dialog.Title className="sr-only">{t('palette')}</Dialog.Title>
          <Command label={t('palette')}>
            <Command.Input
              placeholder={t('placeholder')}
              className="min-h-13 w-full border-line border-b bg-transparent px-4 text-base outline-none placeholder:text-faint"
            />
            <Command.List label={t('results')} className="max-h-[min(24rem,60dvh)] overflow-y-auto p-1.5">
              <Command.Empty className="p-4 text-center text-faint">{t('none')}</Command.Empty>
              <Entries onDone={() => onOpenChange(false)} onSheet={onSheet} />
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Entries({ onDone, onSheet }: { onDone(): void; onSheet(): void }) {
  const t = useTranslations('commands');
  const tApp = useTranslations('app');
  const navigate = useNavigate();
  const { newSession, approvals } = useCommands();
  const signOut = useSignOut();
  const { run } = useAction();
  const done = (action: () => unknown) => () => {
    onDone();
    void action();
  };
  return (
    <>
      {(newSession || approvals) && (
        <Command.Group heading={t('actions')} className={group}>
          {newSession && <Entry icon={SquarePen} name={t('newSession')} onSelect={done(newSession)} />}
          {approvals && <Entry icon={Bell} name={t('approvals')} onSelect={done(approvals)} />}
        </Command.Group>
      )}
      <Agents onDone={onDone} />
      <Command.Group heading={t('pages')} className={group}>
        {useSections().map(({ to, name, icon }) => (
          <SectionEntry key={to} {...{ name, icon }} onSelect={done(() => navigate({ to }))} />
        ))}
      </Command.Group>
      <Command.Group heading={t('more')} className={group}>
        <ThemeEntries onDone={onDone} />
        <LanguageEntries onDone={onDone} />
        <Entry icon={Keyboard} name={t('sheet')} onSelect={onSheet} />
        <Entry icon={LogOut} name={tApp('signOut')} onSelect={done(() => run(signOut))} />
      </Command.Group>
    </>
  );
}

function SectionEntry({
  name,
  icon,
  onSelect,
}: {
  name: ReturnType<typeof useSections>[number]['name'];
  icon: LucideIcon;
  onSelect(): void;
}) {
  const t = useTranslations('frame.section');
  return <Entry icon={icon} name={t(name)} onSelect={onSelect} />;
}

/** The agents, and the latest sessions of the one that is open. */
function Agents({ onDone }: { onDone(): void }) {
  const t = useTranslations('commands');
  const navigate = useNavigate();
  const { instanceId } = useParams({ strict: false });
  const isMember = Boolean(useMe().data?.tenant);
  const { data: instances = [] } = useInstances();
  const sessions = trpc.instance.sessions.useQuery(
    { instanceId: instanceId ?? '', limit: 20 },
    { enabled: instanceId !== undefined },
  );
  const open = (id: string, session?: string) => {
    onDone();
    void navigate({ to: '/agents/$instanceId', params: { instanceId: id }, search: { session } });
  };
  const name = instances.find(({ id }) => id === instanceId)?.name;
  if (!isMember) return null;
  return (
    <>
      {instanceId && name && (
        <Command.Group heading={t('sessions', { name })} className={group}>
          {sessions.data?.items.map(({ id, title }) => (
            <Entry key={id} id={id} icon={MessageSquare} name={title} onSelect={() => open(instanceId, id)} />
          ))}
        </Command.Group>
      )}
      <Command.Group heading={t('agents')} className={group}>
        <Entry
          icon={Bot}
          name="iAgent"
          onSelect={() => {
            onDone();
            void navigate({ to: '/assistant' });
          }}
        />
        {instances.map((instance) => (
          <Entry
            key={instance.id}
            id={instance.id}
            icon={Bot}
            name={instance.name}
            detail={instance.host ?? undefined}
            onSelect={() => open(instance.id)}
          />
        ))}
      </Command.Group>
    </>
  );
}

function ThemeEntries({ onDone }: { onDone(): void }) {
  const t = useTranslations('settings.theme');
  const theme = usePreference('theme');
  return (['system', 'light', 'dark'] as const)
    .filter((one) => one !== theme)
    .map((one) => (
      <Entry
        key={one}
        icon={SunMoon}
        name={`${t('label')}: ${t(one)}`}
        onSelect={() => {
          setPreference('theme', one);
          onDone();
        }}
      />
    ));
}

function LanguageEntries({ onDone }: { onDone(): void }) {
  const t = useTranslations('settings');
  const { locale, choose } = useLocaleChoice();
  return (Object.keys(localeNames) as Locale[])
    .filter((one) => one !== locale)
    .map((one) => (
      <Entry
        key={one}
        icon={Languages}
        name={`${t('language')}: ${localeNames[one]}`}
        onSelect={() => {
          choose(one);
          onDone();
        }}
      />
    ));
}

type EntryProps = { icon: LucideIcon; name: string; id?: string; detail?: string; onSelect(): void };

const Entry = ({ icon: Icon, name, id, detail, onSelect }: EntryProps) => (
  <Command.Item
    value={id ? `${name} ${id}` : name}
    keywords={detail ? [detail] : undefined}
    onSelect={onSelect}
    className="flex min-h-10 cursor-pointer select-none items-center gap-3 rounded-lg px-2.5 data-[selected=true]:bg-accent-wash pointer-coarse:min-h-11"
  >
    <Icon className="size-4 shrink-0 text-faint" />
    <span className="min-w-0 flex-1 truncate">{name}</span>
    {detail && <span className="truncate text-faint text-sm">{detail}</span>}
  </Command.Item>
);
