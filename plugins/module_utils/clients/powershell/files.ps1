# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Files of a folder or by name: length, time, SHA-256 if asked, and ranges of bytes. Changes nothing.
[CmdletBinding(SupportsShouldProcess)]
param (
    [string] $Directory = '',
    [string[]] $Path = @(),
    [bool] $Hash = $false,
    [object[]] $Range = @(),
    [string] $Room = ''
)
$ErrorActionPreference = 'Stop'

function Get-Sha256 {
    param ([string] $File)
    $stream = [IO.File]::Open($File, 'Open', 'Read', 'Read')
    try { $hashed = [Security.Cryptography.SHA256CryptoServiceProvider]::new().ComputeHash($stream) }
    finally { $stream.Dispose() }
    [BitConverter]::ToString($hashed).Replace('-', '').ToLowerInvariant()
}

function Get-Fact {
    param ([string] $File)
    $fact = @{ path = $File; exists = $false; length = -1; written = ''; sha256 = ''; error = '' }
    try {
        if (Test-Path -LiteralPath $File -PathType Leaf) {
            $item = Get-Item -LiteralPath $File -Force
            $fact.exists = $true
            $fact.length = $item.Length
            $fact.written = '{0:D20}' -f $item.LastWriteTimeUtc.Ticks
            if ($Hash) { $fact.sha256 = Get-Sha256 -File $File }
        }
    }
    catch { $fact.error = $_.Exception.GetBaseException().Message }
    $fact
}

# A backup that is being written may be read meanwhile: what it lacks shows in its bytes.
function Get-Part {
    param ($Wanted)
    $stream = [IO.File]::Open($Wanted.path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        $null = $stream.Seek([long] $Wanted.offset, [IO.SeekOrigin]::Begin)
        $buffer = [byte[]]::new([int] $Wanted.length)
        $got = 0
        do {
            $read = $stream.Read($buffer, $got, $buffer.Length - $got)
            $got += $read
        } while ($read -gt 0 -and $got -lt $buffer.Length)
        [Convert]::ToBase64String($buffer, 0, $got)
    }
    finally { $stream.Dispose() }
}

$result = @{ files = @(); ranges = @(); error = ''; free = -1 }
$Ansible.Changed = $false
$Ansible.Result = $result
try {
    if ($Directory) {
        if (-not (Test-Path -LiteralPath $Directory -PathType Container)) { throw 'there is no such directory on this host' }
        $Path = @(Get-ChildItem -LiteralPath $Directory -Recurse -File -Force | ForEach-Object -Process { $_.FullName })
    }
    $result.files = @($Path | ForEach-Object -Process { Get-Fact -File $_ })
    $result.ranges = @($Range | ForEach-Object -Process {
            $part = @{ data = ''; error = '' }
            try { $part.data = Get-Part -Wanted $_ } catch { $part.error = $_.Exception.GetBaseException().Message }
            $part
        })
    if ($Room) { $result.free = [IO.DriveInfo]::new([IO.Path]::GetPathRoot($Room)).AvailableFreeSpace }
}
catch { $result.error = $_.Exception.GetBaseException().Message }
