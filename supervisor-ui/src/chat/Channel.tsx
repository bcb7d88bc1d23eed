import { Globe, type LucideIcon, Mail, MessageCircle, MessageSquare, Phone, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import "./words";

const ICONS: Record<string, LucideIcon> = {
  web_chat: MessageSquare,
  voice: Phone,
  whatsapp: MessageCircle,
  facebook: MessageCircle,
  sms: Smartphone,
  email: Mail,
};
const NAMED = new Set(["web_chat", "voice"]);

/** How the customer's messages come: an icon with its name for those who don't see it. */
export function Channel({ channel, size = 14 }: { channel: string; size?: number }) {
  const name = useChannelName(channel);
  const Icon = ICONS[channel] ?? Globe;
  return (
    <span role="img" aria-label={name} title={name} style={{ display: "inline-grid" }}>
      <Icon size={size} aria-hidden="true" />
    </span>
  );
}

/** "Chat", "Voice"; a connector goes by its own name. */
export function useChannelName(channel: string): string {
  const { t } = useTranslation("chat");
  if (NAMED.has(channel)) return t(`channel.${channel}`);
  return channel.charAt(0).toUpperCase() + channel.slice(1).replaceAll("_", " ");
}
