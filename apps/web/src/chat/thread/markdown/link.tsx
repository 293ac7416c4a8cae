import { toSafeAddress } from '@it0/client/markdown/nest-html';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';

type LinkProps = { href: string; inLink: boolean; children: ReactNode };

/** Link to an address of the web or an email address. Anything else is only text, as is a link inside of another one. */
export function Link({ href, inLink, children }: LinkProps) {
  const address = toSafeAddress(href);
  if (!address || inLink) return children;
  return (
    <a href={address} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

/** Renders an image as a link. Loading it would reveal to its server that the text was read. */
export function ImageLink({ href, alt, inLink }: { href: string; alt: string; inLink: boolean }) {
  const t = useTranslations('markdown');
  return (
    <Link href={href} inLink={inLink}>
      {t('image', { alt: alt || href })}
    </Link>
  );
}
