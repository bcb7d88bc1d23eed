import { useRef } from "react";
import { IconButton, type IconButtonProps } from "./Button";

export interface FileButtonProps extends Omit<IconButtonProps, "onPress"> {
  /** Media types and extensions, as `accept` has them. */
  accept: readonly string[];
  onFiles: (files: File[]) => void;
}

/** Chooses files. */
export function FileButton({ accept, onFiles, ...rest }: FileButtonProps) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={field}
        type="file"
        hidden
        multiple
        accept={accept.join(",")}
        onChange={({ currentTarget: chosen }) => {
          if (chosen.files?.length) onFiles([...chosen.files]);
          // The same file can be chosen again.
          chosen.value = "";
        }}
      />
      <IconButton {...rest} onPress={() => field.current?.click()} />
    </>
  );
}
