// Search and filters. What is chosen stands in the address.

import { ActionIcon, Button, Checkbox, CloseButton, Menu, NativeSelect, TextInput, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState, type RefObject } from "react";
import { channelsQuery } from "../../api/queries";
import type { ListSearch } from "../../router";
import { ColumnsIcon, SearchIcon } from "../../ui/icons";
import { HEALTH, ORDER } from "../../words/status";
import { columns } from "./columns";
import styles from "./Filters.module.css";

interface FiltersProps {
  search: ListSearch;
  field: RefObject<HTMLInputElement | null>;
  visibility: Record<string, boolean>;
  onVisibility: (visibility: Record<string, boolean>) => void;
}

export function Filters({ search, field, visibility, onVisibility }: FiltersProps) {
  const navigate = useNavigate({ from: "/orders" });
  const channels = useQuery(channelsQuery).data?.data ?? [];
  const set = (name: keyof ListSearch, value: string) =>
    void navigate({ search: { ...search, [name]: value || undefined } });
  const any = search.status || search.health || search.channel || search.q;
  return (
    <div className={styles.bar} role="search">
      <Search search={search} field={field} />
      <NativeSelect
        aria-label="Status"
        data-on={Boolean(search.status)}
        value={search.status ?? ""}
        onChange={(event) => set("status", event.currentTarget.value)}
        data={[{ value: "", label: "Status" }, ...options(ORDER)]}
      />
      <NativeSelect
        aria-label="Health"
        data-on={Boolean(search.health)}
        value={search.health ?? ""}
        onChange={(event) => set("health", event.currentTarget.value)}
        data={[{ value: "", label: "Health" }, ...options(HEALTH)]}
      />
      <NativeSelect
        aria-label="Channel"
        data-on={Boolean(search.channel)}
        value={search.channel ?? ""}
        onChange={(event) => set("channel", event.currentTarget.value)}
        data={[
          { value: "", label: "Channel" },
          ...(search.channel && !channels.some((each) => each.code === search.channel)
            ? [{ value: search.channel, label: search.channel }]
            : []),
          ...channels.map(({ code, name }) => ({ value: code, label: name })),
        ]}
      />
      {any && (
        <Button variant="subtle" onClick={() => void navigate({ search: {} })}>
          Clear all
        </Button>
      )}
      <div className={styles.columns}>
        <ColumnMenu visibility={visibility} onVisibility={onVisibility} />
      </div>
    </div>
  );
}

const options = (words: Record<string, { word: string }>) =>
  Object.entries(words).map(([value, { word }]) => ({ value, label: word }));

function Search({ search, field }: Pick<FiltersProps, "search" | "field">) {
  const navigate = useNavigate({ from: "/orders" });
  const [text, setText] = useState(search.q ?? "");
  const sent = useRef(search.q ?? "");
  useEffect(() => {
    if ((search.q ?? "") === sent.current) return;
    sent.current = search.q ?? "";
    setText(sent.current);
  }, [search.q]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = wanted;
      void navigate({ search: (now) => ({ ...now, q: wanted || undefined }), replace: true });
    }, 250);
    return () => clearTimeout(timer);
  }, [text, navigate]);
  return (
    <TextInput
      ref={field}
      className={styles.search}
      type="search"
      aria-label="Search orders"
      placeholder="Number, buyer, e-mail, SKU or tracking number"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (text) setText("");
        else event.currentTarget.blur();
      }}
      leftSection={<SearchIcon />}
      rightSection={
        text ? (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText("")} />
        ) : (
          <kbd className={styles.key} aria-hidden="true">
            /
          </kbd>
        )
      }
    />
  );
}

function ColumnMenu({ visibility, onVisibility }: Pick<FiltersProps, "visibility" | "onVisibility">) {
  const choices = columns.filter((column) => column.enableHiding !== false);
  return (
    <Menu closeOnItemClick={false} position="bottom-end" width={210}>
      <Menu.Target>
        <Tooltip label="Columns">
          <ActionIcon size={36} variant="default" aria-label="Columns">
            <ColumnsIcon />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Columns</Menu.Label>
        {choices.map((column) => {
          const id = String(column.id ?? ("accessorKey" in column ? column.accessorKey : ""));
          const shown = visibility[id] !== false;
          return (
            <Menu.Item
              key={id}
              role="menuitemcheckbox"
              aria-checked={shown}
              leftSection={<Checkbox checked={shown} readOnly tabIndex={-1} size="xs" aria-hidden="true" />}
              onClick={() => onVisibility({ ...visibility, [id]: !shown })}
            >
              {String(column.header)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
