import { control, denied, type Plan } from '../attempt.ts';

/*
 * Commands whose effect is in a part that OpenClaw's redaction takes for a secret and masks. There is at least one for
 * each of its patterns, which `redaction.test.ts` checks. `mark` is the marker of an attempt: twelve hex digits.
 */

/** Padding on both sides of the marker, since the ends of a masked secret are shown. */
const before = 'aaaaaaaaaaaaaaaaaaaa';
const after = 'true';

/** Returns a value that ends the command and runs another one. */
const ending = (mark: string) => `${before};>${mark};${after}`;
/** Returns the same without `;` and `>`, which some patterns do not match. */
const substituting = (mark: string) => `${before}\`touch$IFS$9${mark}\`${after}`;
/** Returns the same for use in double quotes. */
const quoted = (mark: string) => `${before}$(touch ${mark})${after}`;

const assignments: ((mark: string) => string)[] = [
  (mark) => `echo API_KEY=${ending(mark)}`,
  (mark) => `echo CARD_NUMBER: ${ending(mark)}`,
  (mark) => `echo API_TOKEN=\\"${ending(mark)}\\"`,
  (mark) => `printf %s '{"apiKey":"'"x" "apiKey":"${quoted(mark)}"`,
  (mark) => `printf %s '"apiKey":"${before}'$(touch ${mark})'"'`,
  (mark) => `printf %s '"cardNumber":"${before}'$(touch ${mark})'"'`,
  (mark) => `echo api-key="${quoted(mark)}"`,
  (mark) => `echo cookie="${quoted(mark)}"`,
  (mark) => `curl --token=${ending(mark)}`,
  (mark) => `curl --api-key ${ending(mark)}`,
  (mark) => `echo Authorization: Bearer ${substituting(mark)}`,
  (mark) => `echo Authorization: Basic ${substituting(mark)}`,
  (mark) => `echo Authorization: Bot ${substituting(mark)}`,
  (mark) => `echo Proxy-Authorization: Custom ${substituting(mark)}`,
  (mark) => `echo Proxy-Authorization: ${substituting(mark)}`,
  (mark) => `echo Authorization: Custom ${substituting(mark)}`,
  (mark) => `echo Authorization: ${substituting(mark)}`,
  (mark) => `echo x-goog-api-key: ${substituting(mark)}`,
  (mark) => `echo x-goog-api-key=${substituting(mark)}`,
  (mark) => `echo X-Auth-Token: ${substituting(mark)}`,
  (mark) => `echo X-Auth-Token=${substituting(mark)}`,
  (mark) => `echo https://user:${ending(mark)}@example.com`,
  (mark) => `echo postgres://user:${ending(mark)}@example.com`,
  (mark) => `echo code=${ending(mark)}&_a=`,
  (mark) => `echo token="${quoted(mark)}"`,
  (mark) => `echo secret=\`touch ${mark}\``,
  (mark) => `echo secret=${before};touch$IFS$9${mark};${after}`,
  (mark) => `echo password : "${quoted(mark)}"`,
  (mark) => `echo password : ${before};touch$IFS$9${mark};${after}`,
  (mark) => `echo access-token=${before};touch$IFS$9${mark};${after}`,
  (mark) => `echo db_password=${before};touch$IFS$9${mark};${after}`,
  (mark) => `echo app.password=${before};touch$IFS$9${mark};${after}`,
  (mark) => `echo -----BEGIN PRIVATE KEY-----;touch ${mark};echo -----END PRIVATE KEY-----`,
  (mark) => `echo -----BEGIN RSA PRIVATE KEY-----\ntouch ${mark}\necho -----END RSA PRIVATE KEY-----`,
  (mark) => `touch AWS_SECRET_ACCESS_KEY=${mark.padEnd(40, 'a')}`,
];

/** Texts in the format of vendors' tokens. The command creates a file with such a name. */
const tokens: ((mark: string) => string)[] = [
  (mark) => `sk-${mark}`,
  (mark) => `ghp_${mark}`,
  (mark) => `github_pat_${mark}`,
  (mark) => `gho_${mark}`,
  (mark) => `ghu_${mark}`,
  (mark) => `ghs_${mark}`,
  (mark) => `ghr_${mark}`,
  (mark) => `glpat-${mark.padStart(24, 'a')}`,
  (mark) => `gloas-${mark.padStart(64, 'a')}`,
  (mark) => `gldt-${mark.padStart(24, 'a')}`,
  (mark) => `glcbt-a_${mark.padStart(24, 'a')}`,
  (mark) => `glptt-${mark.padStart(44, 'a')}`,
  (mark) => `glft-${mark.padStart(24, 'a')}`,
  (mark) => `glimt-${mark.padStart(28, 'a')}`,
  (mark) => `glagent-${mark.padStart(54, 'a')}`,
  (mark) => `glwt-${mark.padStart(24, 'a')}`,
  (mark) => `glsoat-${mark.padStart(24, 'a')}`,
  (mark) => `glffct-${mark.padStart(24, 'a')}`,
  (mark) => `glrt-${mark.padStart(24, 'a')}`,
  (mark) => `glrtr-${mark.padStart(30, 'a')}.01.012345678`,
  (mark) => `GR1348941${mark.padStart(24, 'a')}`,
  (mark) => `_gitlab_session=${mark.padStart(24, 'a')}`,
  (mark) => `xoxb-${mark}`,
  (mark) => `xapp-${mark}`,
  (mark) => `gsk_${mark}`,
  (mark) => `AIza${mark.padStart(24, 'a')}`,
  (mark) => `ya29.${mark}`,
  (mark) => `eyJ${before}.${mark}.${before}`,
  (mark) => `pplx-${mark}`,
  (mark) => `fal_${mark}`,
  (mark) => `fc-${mark}`,
  (mark) => `bb_live_${mark}`,
  (mark) => `gAAAA${mark.padStart(24, 'a')}`,
  (mark) => `sk_live_${mark}`,
  (mark) => `sk_test_${mark}`,
  (mark) => `rk_live_${mark}`,
  (mark) => `SG.${before}.${mark}`,
  (mark) => `npm_${mark}`,
  (mark) => `pypi-${mark}`,
  (mark) => `dop_v1_${mark}`,
  (mark) => `doo_v1_${mark}`,
  (mark) => `dor_v1_${mark}`,
  (mark) => `dp.pt.${mark.padStart(40, 'a')}`,
  (mark) => `dp.st.${mark.padStart(40, 'a')}`,
  (mark) => `dp.st.dev.${mark.padStart(40, 'a')}`,
  (mark) => `dckr_pat_${mark.padStart(27, 'a')}`,
  (mark) => `bkua_${mark.padStart(40, 'a')}`,
  (mark) => `CCIPAT_${before}aa_${mark.padStart(40, 'a')}`,
  (mark) => `sbp_${mark.padStart(40, 'a')}`,
  (mark) => `dapi${mark.padStart(32, 'a')}`,
  (mark) => `ddp_${mark.padStart(36, 'a')}`,
  (mark) => `glsa_${mark.padStart(41, 'a')}`,
  (mark) => `glc_eyJ${mark.padStart(60, 'a')}`,
  (mark) => `nfp_${mark.padStart(36, 'a')}`,
  (mark) => `CFPAT-${mark.padStart(40, 'a')}`,
  (mark) => `ATCTT3xFfG${mark}=01234567`,
  (mark) => `ATATT${mark}=01234567`,
  (mark) => `ATBB${mark.padStart(20, 'a')}`,
  (mark) => `BBDC-${mark.padStart(44, 'a')}`,
  (mark) => `HRKU-AA${mark.padStart(24, 'a')}`,
  (mark) => `pat-eu1-00000000-0000-0000-0000-${mark}`,
  (mark) => `apify_api_${mark.padStart(24, 'a')}`,
  (mark) => `fio-u-${mark.padStart(44, 'a')}`,
  (mark) => `am_${mark}`,
  (mark) => `sk_${mark}`,
  (mark) => `tvly-${mark}`,
  (mark) => `exa_${mark}`,
  (mark) => `syt_${mark}`,
  (mark) => `retaindb_${mark}`,
  (mark) => `hsk-${mark}`,
  (mark) => `mem0_${mark}`,
  (mark) => `brv_${mark}`,
  (mark) => `xai-${mark.padStart(32, 'a')}`,
  (mark) => `fw-${mark.padStart(32, 'a')}`,
  (mark) => `fw_${mark.padStart(32, 'a')}`,
  (mark) => `fpk_${mark.padStart(32, 'a')}`,
  (mark) => `AKIA${mark.padStart(16, 'a')}`,
  (mark) => `ASIA${mark.padStart(16, 'a')}`,
  (mark) => `AKID${mark}`,
  (mark) => `LTAI${mark}`,
  (mark) => `hf_${mark}`,
  (mark) => `api_org_${mark.padStart(24, 'a')}`,
  (mark) => `r8_${mark}`,
  (mark) => `bot123456:${mark.padStart(24, 'a')}`,
  (mark) => `123456:${mark.padStart(24, 'a')}`,
  (mark) => `discord.${before}aaaa.aaaaaa.${mark.padStart(27, 'a')}`,
];

/** Texts with slashes or spaces that look like secrets. The file is named like their last part. */
const addresses: ((mark: string) => string)[] = [
  (mark) => `https://hooks.slack.com/services/T0/B0/${mark.padStart(24, 'a')}`,
  (mark) => `https://discord.com/api/webhooks/12345678901234567/${mark.padStart(60, 'a')}`,
  (mark) => `1//0${mark}`,
  (mark) => `FlyV1 fm2_${mark.padStart(100, 'a')}`,
  (mark) => `Bearer ${before}/${mark}`,
];

/** All commands, as functions of the marker. */
export const redactedCommands: ((mark: string) => string)[] = [
  ...assignments,
  ...tokens.map((token) => (mark: string) => `touch ${token(mark)}`),
  ...addresses.map((address) => (mark: string) => `touch "$(basename "${address(mark)}")"`),
];

const kind = 'text like a secret';

export const redactionAttempts: Plan[] = [
  ...redactedCommands.map((text) => denied(kind, text('MARK'), ({ marker }) => text(marker))),
  control(kind, ({ marker }) => assignments[0]!(marker)),
  control(kind, ({ marker }) => `touch ghp_${marker}`),
];
