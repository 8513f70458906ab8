// The few icons in use, drawn on 24 by 24 with the current colour.

import type { ReactNode } from "react";

function icon(drawn: ReactNode) {
  return function Icon({ size = 16 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {drawn}
      </svg>
    );
  };
}

export const SearchIcon = icon(<><circle cx="11" cy="11" r="7" /><path d="m20 20-3.8-3.8" /></>);
export const SunIcon = icon(<><circle cx="12" cy="12" r="4" /><path d="M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4" /></>);
export const MoonIcon = icon(<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z" />);
export const ScreenIcon = icon(<><rect x="3" y="4" width="18" height="12" rx="2" /><path d="M8 20h8M12 16v4" /></>);
export const CopyIcon = icon(<><rect x="9" y="9" width="11" height="11" rx="2" /><path d="M5 15V6a2 2 0 0 1 2-2h9" /></>);
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const BackIcon = icon(<path d="M15 5l-7 7 7 7" />);
export const MoreIcon = icon(<><circle cx="5" cy="12" r="1" /><circle cx="12" cy="12" r="1" /><circle cx="19" cy="12" r="1" /></>);
export const ColumnsIcon = icon(<><rect x="3" y="4" width="18" height="16" rx="2" /><path d="M9 4v16M15 4v16" /></>);
export const AlertIcon = icon(<><path d="M12 3.5 2.5 20h19L12 3.5Z" /><path d="M12 10v4M12 17.2v.1" /></>);
export const HandIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M10 9v6M14 9v6" /></>);
export const TruckIcon = icon(<><path d="M3 6h11v10H3zM14 10h4l3 3v3h-7z" /><circle cx="7.5" cy="17.5" r="1.8" /><circle cx="17" cy="17.5" r="1.8" /></>);
export const StoreIcon = icon(<><path d="M4 10v10h16V10M3 10l2-6h14l2 6M10 20v-6h4v6" /></>);
export const PinIcon = icon(<><path d="M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21Z" /><circle cx="12" cy="9.5" r="2.5" /></>);
export const FileIcon = icon(<><path d="M7 3h7l5 5v13H7zM14 3v5h5" /></>);
export const OutIcon = icon(<><path d="M14 4h6v6M20 4l-9 9M18 14v6H4V6h6" /></>);
export const UserIcon = icon(<><circle cx="12" cy="8" r="4" /><path d="M4.5 20a7.5 7.5 0 0 1 15 0" /></>);
export const KeyboardIcon = icon(<><rect x="2.5" y="6" width="19" height="12" rx="2" /><path d="M6.5 10h.1M10 10h.1M14 10h.1M17.5 10h.1M8 14h8" /></>);
