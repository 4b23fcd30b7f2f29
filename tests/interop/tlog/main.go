// SPDX-License-Identifier: Apache-2.0

// Checks what mledger writes of its log with golang.org/x/mod/sumdb: signed checkpoints, proofs of
// records and of consistency, and directories of tiles. It knows docs/FORMAT.md and no code of ours.
//
//	tlog checkpoint VKEY FILE              prints "SIZE ROOT"
//	tlog record VKEY FILE                  a .tlog-proof; prints the record's number
//	tlog consistency VKEY OLD NEW FILE     a proof that checkpoint OLD begins checkpoint NEW
//	tlog tiles VKEY DIR|URL                prints "SIZE records"
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return value
}

func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err == nil && len(bytes) != tlog.HashSize {
		err = fmt.Errorf("a hash of %d bytes", len(bytes))
	}
	copy(hash[:], bytes)
	return hash, err
}

// A size as the formats have it: no sign, no leading zero.
func parseSize(text string) (int64, error) {
	size, err := strconv.ParseInt(text, 10, 64)
	if err == nil && strconv.FormatInt(size, 10) != text {
		err = fmt.Errorf("odd number %q", text)
	}
	return size, err
}

// The checkpoint in a signed note, by a key whose name is its origin. tlog.ParseTree knows the
// origin of Go's own log alone.
func openCheckpoint(vkey string, message []byte) (tlog.Tree, error) {
	var tree tlog.Tree
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	if tree.N, err = parseSize(lines[1]); err != nil {
		return tree, err
	}
	tree.Hash, err = parseHash(lines[2])
	return tree, err
}

func readCheckpoint(vkey, file string) tlog.Tree {
	return must(openCheckpoint(vkey, must(readFile(file))))
}

// A file, or what a server has under a URL.
func readFile(name string) ([]byte, error) {
	if !strings.HasPrefix(name, "http://") {
		return os.ReadFile(name)
	}
	response, err := http.Get(name)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", name, response.Status)
	}
	return io.ReadAll(response.Body)
}

// The rest of a line after its word.
func cut(line, word string) string {
	rest, found := strings.CutPrefix(line, word)
	if !found {
		fail("%q does not begin with %q", line, word)
	}
	return rest
}

func checkRecord(vkey, file string) {
	head, message, found := bytes.Cut(must(os.ReadFile(file)), []byte("\n\n"))
	if !found {
		fail("no empty line")
	}
	lines := strings.Split(string(head), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("not a tlog-proof")
	}
	entry := must(base64.StdEncoding.DecodeString(cut(lines[1], "extra ")))
	index := must(parseSize(cut(lines[2], "index ")))
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		proof = append(proof, must(parseHash(line)))
	}
	tree := must(openCheckpoint(vkey, message))
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		fail("%v", err)
	}
	fmt.Println(index)
}

func readConsistency(file string) (older, newer tlog.Tree, proof tlog.TreeProof) {
	lines := strings.Split(string(must(os.ReadFile(file))), "\n")
	if len(lines) < 4 || lines[0] != "mledger consistency v1" || lines[len(lines)-1] != "" {
		fail("not a proof of consistency")
	}
	parse := func(line, word string) (tree tlog.Tree) {
		size, root, _ := strings.Cut(cut(line, word), " ")
		return tlog.Tree{N: must(parseSize(size)), Hash: must(parseHash(root))}
	}
	for _, line := range lines[3 : len(lines)-1] {
		proof = append(proof, must(parseHash(line)))
	}
	return parse(lines[1], "old "), parse(lines[2], "new "), proof
}

func checkConsistency(vkey, oldFile, newFile, file string) {
	older, newer, proof := readConsistency(file)
	if older != readCheckpoint(vkey, oldFile) || newer != readCheckpoint(vkey, newFile) {
		fail("the proof is of other trees")
	}
	if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		fail("%v", err)
	}
	fmt.Printf("%d begins %d\n", older.N, newer.N)
}

// A directory or a server of tlog-tiles as sumdb's tiles: the height is not in the path there.
type directory string

func (dir directory) Height() int { return 8 }

func (dir directory) SaveTiles([]tlog.Tile, [][]byte) {}

func (dir directory) read(level string, index int64, width int) ([]byte, error) {
	path := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	if width < 256 {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	return readFile(fmt.Sprintf("%s/tile/%s/%s", dir, level, path))
}

func (dir directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		bytes, err := dir.read(strconv.Itoa(tile.L), tile.N, tile.W)
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

// The entries of a bundle, which must be `width`.
func entries(bundle []byte, width int) (list [][]byte) {
	for len(bundle) >= 2 {
		size := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+size {
			fail("a bundle is cut off")
		}
		list = append(list, bundle[2:2+size])
		bundle = bundle[2+size:]
	}
	if len(bundle) > 0 || len(list) != width {
		fail("a bundle of %d entries instead of %d", len(list), width)
	}
	return list
}

func checkTiles(vkey, name string) {
	dir := directory(name)
	tree := readCheckpoint(vkey, name+"/checkpoint")
	// Holds every tile that it reads against the root.
	reader := tlog.TileHashReader(tree, dir)
	if hash := must(tlog.TreeHash(tree.N, reader)); hash != tree.Hash {
		fail("the tiles give another root")
	}
	for begin := int64(0); begin < tree.N; begin += 256 {
		width := int(min(tree.N-begin, 256))
		for i, entry := range entries(must(dir.read("entries", begin/256, width)), width) {
			index := begin + int64(i)
			proof := must(tlog.ProveRecord(tree.N, index, reader))
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				fail("entry %d: %v", index, err)
			}
		}
	}
	for older := int64(1); older < tree.N; older += older/2 + 1 {
		hash := must(tlog.TreeHash(older, reader))
		proof := must(tlog.ProveTree(tree.N, older, reader))
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, older, hash); err != nil {
			fail("%d in %d: %v", older, tree.N, err)
		}
	}
	fmt.Printf("%d records\n", tree.N)
}

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 3 && args[0] == "checkpoint":
		tree := readCheckpoint(args[1], args[2])
		fmt.Printf("%d %x\n", tree.N, tree.Hash[:])
	case len(args) == 3 && args[0] == "record":
		checkRecord(args[1], args[2])
	case len(args) == 5 && args[0] == "consistency":
		checkConsistency(args[1], args[2], args[3], args[4])
	case len(args) == 3 && args[0] == "tiles":
		checkTiles(args[1], args[2])
	default:
		fail("usage: tlog checkpoint|record|consistency|tiles …")
	}
}
