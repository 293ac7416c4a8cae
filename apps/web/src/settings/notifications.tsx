import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Section } from '../ui/section.tsx';
import { Choice } from './choice.tsx';
import { setPreference, usePreference } from './preferences.ts';

/** Setting of desktop notifications. The browser asks for its permission when they are switched on. */
export function Notifications() {
  const t = useTranslations('settings');
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : null));
  const isOn = usePreference('notifications') === 'on' && permission === 'granted';
  const choose = async (value: 'on' | 'off') => {
    const granted = value === 'on' ? await Notification.requestPermission() : permission;
    setPermission(granted);
    setPreference('notifications', value === 'on' && granted === 'granted' ? 'on' : 'off');
  };
  return (
    <Section title={t('notifications')}>
      {permission === null ? (
        <p className="text-soft">{t('notificationsMissing')}</p>
      ) : (
        <Choice
          label={t('notificationsLabel')}
          value={isOn ? 'on' : 'off'}
          onChoose={(value) => void choose(value)}
          options={(['on', 'off'] as const).map((value) => ({ value, name: t(`keys.${value}`) }))}
        />
      )}
      {permission === 'denied' && (
        <p role="status" className="text-sm text-warn">
          {t('notificationsDenied')}
        </p>
      )}
    </Section>
  );
}
