// Runs go-slug, the packer that tofu and terraform use, for the comparison with this action's own.
//
//	goslug pack DIRECTORY FILE   packs as the CLI does (links outside are followed)
//	goslug match < LINES         one JSON object a line: {"rules": "…", "paths": ["…"]}; answers one line each with a
//	                             letter per path: - not excluded, e excluded, d excluded and dominating, ! crashed
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"
	"unsafe"

	slug "github.com/hashicorp/go-slug"
)

// The rules are in a package that Go lets only go-slug import; the linker does not mind.
//
//go:linkname parseRules github.com/hashicorp/go-slug/internal/ignorefiles.ParseIgnoreFileContent
func parseRules(io.Reader) (unsafe.Pointer, error)

//go:linkname excludes github.com/hashicorp/go-slug/internal/ignorefiles.(*Ruleset).Excludes
func excludes(unsafe.Pointer, string) (result, error)

type result struct {
	excluded   bool
	dominating bool
}

type question struct {
	Rules string   `json:"rules"`
	Paths []string `json:"paths"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 3 && arguments[0] == "pack" {
		return pack(arguments[1], arguments[2])
	}
	if len(arguments) == 1 && arguments[0] == "match" {
		return matchAll(os.Stdin, os.Stdout)
	}
	return fmt.Errorf("usage: goslug pack DIRECTORY FILE | goslug match")
}

// pack writes the archive to memory first, as go-tfe does before it uploads; it prints the most memory it had, in bytes.
func pack(directory, file string) error {
	var archive bytes.Buffer
	if _, err := slug.Pack(directory, &archive, true); err != nil {
		return err
	}
	if err := os.WriteFile(file, archive.Bytes(), 0o600); err != nil {
		return err
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	fmt.Printf("{\"maxRss\": %d}\n", usage.Maxrss*1024)
	return nil
}

func matchAll(input io.Reader, output io.Writer) error {
	decoder := json.NewDecoder(bufio.NewReader(input))
	writer := bufio.NewWriter(output)
	defer writer.Flush()
	for {
		var asked question
		if err := decoder.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		fmt.Fprintln(writer, match(asked))
	}
}

func match(asked question) (answer string) {
	defer func() {
		if recover() != nil {
			answer = "!"
		}
	}()
	rules, err := parseRules(bytes.NewReader([]byte(asked.Rules)))
	if err != nil {
		return "!"
	}
	letters := make([]byte, 0, len(asked.Paths))
	for _, path := range asked.Paths {
		verdict, err := excludes(rules, path)
		switch {
		case err != nil:
			letters = append(letters, '?')
		case verdict.dominating:
			letters = append(letters, 'd')
		case verdict.excluded:
			letters = append(letters, 'e')
		default:
			letters = append(letters, '-')
		}
	}
	return string(letters)
}
