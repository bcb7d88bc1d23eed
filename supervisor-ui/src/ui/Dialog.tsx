import type { ReactNode } from "react";
import { Dialog as AriaDialog, Modal, ModalOverlay } from "react-aria-components";
import css from "./Dialog.module.css";

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  role?: "dialog" | "alertdialog";
  children: ReactNode;
}

/** A dialog over the page. Its heading needs `<Heading slot="title">`. Esc closes it. */
export function Dialog({ isOpen, onClose, role = "dialog", children }: DialogProps) {
  return (
    <ModalOverlay
      className={css["scrim"] ?? ""}
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role === "dialog"}
    >
      <Modal className={css["modal"] ?? ""}>
        <AriaDialog role={role} className={css["dialog"] ?? ""}>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
