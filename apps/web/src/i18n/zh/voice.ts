import type en from '../en/voice.ts';
import type { Translated } from '../translated.ts';

export default {
  voice: {
    start: '语音输入',
    finish: '结束语音输入',
    starting: '正在打开麦克风…',
    recording: '正在录音',
    transcribing: '正在将语音转为文字…',
    discard: '放弃',
    empty: '没有录到语音，请检查是否选对了麦克风。',
    failed: '无法将录音转为文字：{reason}',
    failedFor: '发给 {name} 的语音未能转为文字',
    addedTo: '语音内容已加入发给 {name} 的草稿',
    sentTo: '发送至 {host}',
    scripted: '未配置语音识别，文字由脚本生成',
    notConfigured: '语音输入尚未配置',
    notConfiguredBody: '管理员可将 VOICE_STT_URL 和 VOICE_STT_KEY 设为兼容 OpenAI 的服务。',
    problem: {
      insecure: '浏览器只允许 HTTPS 或 localhost 页面使用麦克风，请通过这样的地址打开本页面。',
      refused: '浏览器已禁止使用麦克风，请在浏览器设置中允许本页面使用。',
      missing: '没有找到麦克风。',
      busy: '无法使用麦克风，可能正被其他程序占用。',
    },
  },
} satisfies Translated<typeof en>;
