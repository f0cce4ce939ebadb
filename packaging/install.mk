# How the service gets onto a machine: `make install`, `make uninstall`, and the build of the Debian package.
#
# What is installed is a wheel of this tree and of all it needs, each download held to its hash in a lock, in an
# environment of its own (PREFIX) that sees no other Python package of the machine.
PYTHON ?= /usr/bin/python3
DESTDIR ?=
PREFIX ?= /opt/syncd
BINDIR ?= /usr/local/bin
LIBDIR ?= /usr/local/lib
MANDIR ?= /usr/local/share/man

TOOLS := build/tools
WHEELS := build/wheels
PIP := $(TOOLS)/bin/python -m pip --disable-pip-version-check --quiet
TARGET = $(DESTDIR)$(PREFIX)

# The daemon loads parts of itself when it first needs them: none runs while they change. DESTDIR: nothing runs there.
ifeq ($(DESTDIR),)
RUNNING := $(shell systemctl list-units --plain --no-legend --state=active 'syncd.service' 'syncd@*.service' 2>/dev/null | cut -d ' ' -f 1)
endif

.PHONY: install uninstall wheels program manual units start

install: wheels
ifneq ($(RUNNING),)
	systemctl stop $(RUNNING)
endif
	$(MAKE) -f packaging/install.mk program manual units
ifeq ($(DESTDIR),)
	$(TARGET)/bin/python3 -m compileall -q $(PREFIX)/lib
	systemd-sysusers $(LIBDIR)/sysusers.d/syncd.conf
	systemd-tmpfiles --create $(LIBDIR)/tmpfiles.d/syncd.conf
	systemctl daemon-reload
	systemctl enable --quiet syncd.service
	systemctl start syncd.service $(RUNNING)
	@test -e /etc/syncd/syncd.toml || echo "Installed. Now type: syncd init --service"
endif

wheels:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "syncd needs Python 3.11 or newer; set PYTHON=/path/to/python3")'
	rm -rf $(TOOLS) $(WHEELS)
	$(PYTHON) -m venv $(TOOLS)
	$(PIP) install --require-hashes --requirement requirements-build.lock
	$(PIP) wheel --no-build-isolation --wheel-dir $(WHEELS) --require-hashes --requirement requirements-service.lock
	$(PIP) wheel --no-build-isolation --wheel-dir $(WHEELS) --no-deps .

program:
	$(PYTHON) -m venv --clear --without-pip $(TARGET)
	$(PIP) --python $(TARGET)/bin/python3 install --no-index --no-deps --no-compile $(WHEELS)/*.whl
	find $(TARGET)/bin -mindepth 1 ! -name 'python*' -delete
	sed 's|@PREFIX@|$(PREFIX)|' packaging/syncd.in > $(TARGET)/bin/syncd
	chmod 0755 $(TARGET)/bin/syncd
	sed -i '/^command = /d; s|$(TARGET)|$(PREFIX)|' $(TARGET)/pyvenv.cfg
	install -d $(DESTDIR)$(BINDIR)
	ln -sfn $(PREFIX)/bin/syncd $(DESTDIR)$(BINDIR)/syncd

manual:
	install -d $(DESTDIR)$(MANDIR)/man1
	$(TARGET)/bin/python3 -B packaging/manpage.py > $(DESTDIR)$(MANDIR)/man1/syncd.1

units:
	install -D -m 0644 -t $(DESTDIR)$(LIBDIR)/systemd/system systemd/syncd.service systemd/syncd@.service
	install -D -m 0644 systemd/syncd.sysusers $(DESTDIR)$(LIBDIR)/sysusers.d/syncd.conf
	install -D -m 0644 systemd/syncd.tmpfiles $(DESTDIR)$(LIBDIR)/tmpfiles.d/syncd.conf

# Settings, data and the account stay: /etc/syncd, /var/lib/syncd, syncd.
uninstall:
ifeq ($(DESTDIR),)
	systemctl disable --now --quiet syncd.service $(RUNNING)
endif
	rm -rf $(TARGET)
	rm -f $(DESTDIR)$(BINDIR)/syncd $(DESTDIR)$(MANDIR)/man1/syncd.1
	rm -f $(DESTDIR)$(LIBDIR)/systemd/system/syncd.service $(DESTDIR)$(LIBDIR)/systemd/system/syncd@.service
	rm -f $(DESTDIR)$(LIBDIR)/sysusers.d/syncd.conf $(DESTDIR)$(LIBDIR)/tmpfiles.d/syncd.conf
ifeq ($(DESTDIR),)
	systemctl daemon-reload
endif
