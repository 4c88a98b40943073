# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# What stands at some paths, and whether copies may lie in a folder. Changes nothing, and shows nothing of a file.
[CmdletBinding(SupportsShouldProcess)]
param (
    [Parameter(Mandatory)] [string[]] $Path,
    [Parameter(Mandatory)] [string] $BackupDirectory
)
$ErrorActionPreference = 'Stop'

function Get-Sha256 {
    param ([string] $File)
    # Opened so that nobody writes meanwhile: a file that is being written is not one to replace.
    $stream = [IO.File]::Open($File, 'Open', 'Read', 'Read')
    try { $hash = [Security.Cryptography.SHA256CryptoServiceProvider]::new().ComputeHash($stream) }
    finally { $stream.Dispose() }
    [BitConverter]::ToString($hash).Replace('-', '').ToLowerInvariant()
}

function Get-FileBehindLinks {
    param ([string] $File)
    for ($hop = 0; $hop -lt 16; $hop++) {
        $item = Get-Item -LiteralPath $File -Force
        if ($item.LinkType -ne 'SymbolicLink') { return $item }
        $target = [string] @($item.Target)[0]
        if (-not [IO.Path]::IsPathRooted($target)) {
            $target = Join-Path -Path ([IO.Path]::GetDirectoryName($item.FullName)) -ChildPath $target
        }
        $File = [IO.Path]::GetFullPath($target)
    }
    throw 'its symbolic links lead in a circle'
}

function Get-Fact {
    param ([string] $Asked)
    $fact = @{ path = $Asked; error = ''; leftovers = @() }
    try {
        $item = Get-FileBehindLinks -File $Asked
        $fact.real_path = $item.FullName
        $fact.is_file = -not $item.PSIsContainer
        if (-not $item.PSIsContainer) {
            $fact.sha256 = Get-Sha256 -File $item.FullName
            $fact.read_only = [bool] $item.IsReadOnly
            $fact.encrypted = [bool] ($item.Attributes -band [IO.FileAttributes]::Encrypted)
            # For a file with hard links Target names the others.
            $fact.links = 1
            if ($item.LinkType -eq 'HardLink') { $fact.links = 1 + @($item.Target).Count }
            $fact.sddl = (Get-Acl -LiteralPath $item.FullName).Sddl
        }
    }
    catch {
        $fact.error = $_.Exception.GetBaseException().Message
        $folder = [IO.Path]::GetDirectoryName($Asked)
        if (Test-Path -LiteralPath $folder -PathType Container) {
            $name = '.{0}.*.deadpool-old' -f [Management.Automation.WildcardPattern]::Escape([IO.Path]::GetFileName($Asked))
            $fact.leftovers = @(Get-ChildItem -LiteralPath $folder -Filter '*.deadpool-old' -Force |
                    Where-Object -FilterScript { $_.Name -like $name } | ForEach-Object -Process { $_.FullName })
        }
    }
    $fact
}

# Who may put something into the folder: its own rights where it is there, else nobody has any yet.
function Get-Writer {
    param ([string] $Directory)
    $changing = [int] [Security.AccessControl.FileSystemRights] 'WriteData, AppendData, DeleteSubdirectoriesAndFiles, ChangePermissions, TakeOwnership'
    $generic = 0x50000000  # GENERIC_WRITE and GENERIC_ALL
    $acl = Get-Acl -LiteralPath $Directory
    foreach ($rule in $acl.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        $rights = [int] $rule.FileSystemRights
        if ($rule.AccessControlType -eq 'Allow' -and (($rights -band $changing) -or ($rights -band $generic))) {
            $rule.IdentityReference.Value
        }
    }
}

$existing = $BackupDirectory
while ($existing -and -not (Test-Path -LiteralPath $existing)) { $existing = [IO.Path]::GetDirectoryName($existing) }
$there = $existing -eq $BackupDirectory
$free = -1
if ($existing) { $free = [IO.DriveInfo]::new([IO.Path]::GetPathRoot($existing)).AvailableFreeSpace }

$Ansible.Changed = $false
$Ansible.Result = @{
    me = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
    files = @($Path | ForEach-Object -Process { Get-Fact -Asked $_ })
    directory = @{
        exists = $there
        is_folder = [bool] ($existing -and (Test-Path -LiteralPath $existing -PathType Container))
        existing = [string] $existing
        free = $free
        writers = @(if ($there) { Get-Writer -Directory $BackupDirectory })
    }
}
