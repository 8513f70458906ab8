// The frame of what opens above a page. Not in the theme, so that it loads with the first dialog.

import { Modal } from "@mantine/core";
import type { ReactNode } from "react";

interface PopupProps {
  title: string;
  close: () => void;
  size?: number;
  children: ReactNode;
}

export function Popup({ title, close, size = 440, children }: PopupProps) {
  return (
    <Modal
      opened
      centered
      onClose={close}
      title={title}
      size={size}
      transitionProps={{ duration: 120 }}
      closeButtonProps={{ "aria-label": "Close" }}
      attributes={{ header: { role: "none" } }}
    >
      {children}
    </Modal>
  );
}
