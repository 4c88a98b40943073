# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copies files with their protection, writes down what is about to take their place, and puts the new contents beside
# them under names of their own. No file is another one afterwards. Written for Windows PowerShell 5.1.
[CmdletBinding()]
param (
    [Parameter(Mandatory)] [string] $BackupDirectory,
    [Parameter(Mandatory)] [object[]] $Files
)
$ErrorActionPreference = 'Stop'
$me = [Security.Principal.WindowsIdentity]::GetCurrent().User

function New-PrivateSecurity {
    param ([Security.AccessControl.FileSystemSecurity] $Security, [string] $Inheritance)
    $Security.SetAccessRuleProtection($true, $false)
    foreach ($sid in @('S-1-5-18', 'S-1-5-32-544', $me.Value)) {
        $Security.AddAccessRule([Security.AccessControl.FileSystemAccessRule]::new(
                [Security.Principal.SecurityIdentifier]::new($sid), 'FullControl', $Inheritance, 'None', 'Allow'))
    }
    $Security
}

function New-PrivateDirectory {
    param ([string] $Directory)
    if (Test-Path -LiteralPath $Directory -PathType Container) { return }
    # Made and protected in one step: there is no moment in which others may enter.
    $security = New-PrivateSecurity -Security ([Security.AccessControl.DirectorySecurity]::new()) -Inheritance 'ContainerInherit, ObjectInherit'
    $null = [IO.Directory]::CreateDirectory($Directory, $security)
}

function Write-Private {
    param ([string] $File, [byte[]] $Bytes)
    $security = New-PrivateSecurity -Security ([Security.AccessControl.FileSecurity]::new()) -Inheritance 'None'
    $stream = [IO.FileStream]::new($File, [IO.FileMode]::CreateNew, [Security.AccessControl.FileSystemRights]::Write,
        [IO.FileShare]::None, 65536, [IO.FileOptions]::WriteThrough, $security)
    try {
        $stream.Write($Bytes, 0, $Bytes.Length)
        $stream.Flush($true)
    }
    finally { $stream.Dispose() }
}

function Get-Sha256 {
    param ([string] $File)
    # Opened so that nobody writes meanwhile: a file that is being written is not one to replace.
    $stream = [IO.File]::Open($File, 'Open', 'Read', 'Read')
    try { $hash = [Security.Cryptography.SHA256CryptoServiceProvider]::new().ComputeHash($stream) }
    finally { $stream.Dispose() }
    [BitConverter]::ToString($hash).Replace('-', '').ToLowerInvariant()
}

function Save-Copy {
    param ($File)
    if ((Test-Path -LiteralPath $File.copy) -and (Get-Sha256 -File $File.copy) -eq $File.sha256) { return }
    $temporary = '{0}.{1}' -f $File.copy, [Guid]::NewGuid().ToString('N')
    # The export of a registry key stays private.
    if ($File.registry) { Write-Private -File $temporary -Bytes ([Convert]::FromBase64String($File.content)) }
    else {
        Write-Private -File $temporary -Bytes ([IO.File]::ReadAllBytes($File.real_path))
        # Who may read the file may read its copy, and nobody else.
        $security = [Security.AccessControl.FileSecurity]::new()
        $security.SetSecurityDescriptorSddlForm((Get-Acl -LiteralPath $File.real_path).Sddl, 'Access')
        $security.SetAccessRuleProtection($true, $true)
        [IO.File]::SetAccessControl($temporary, $security)
    }
    if (Test-Path -LiteralPath $File.copy) { Remove-Item -LiteralPath $File.copy -Force }
    [IO.File]::Move($temporary, $File.copy)
}

function Remove-Leftover {
    param ($File)
    $name = '.{0}.*.deadpool-new' -f [Management.Automation.WildcardPattern]::Escape([IO.Path]::GetFileName($File.real_path))
    Get-ChildItem -LiteralPath ([IO.Path]::GetDirectoryName($File.real_path)) -Filter '*.deadpool-new' -Force |
        Where-Object -FilterScript { $_.Name -like $name } | Remove-Item -Force
}

$result = @{ error = ''; path = ''; temporaries = @() }
$Ansible.Changed = $false
$Ansible.Result = $result
$made = [Collections.Generic.List[string]]::new()
$lock = $null
try {
    New-PrivateDirectory -Directory $BackupDirectory
    $result.path = Join-Path -Path $BackupDirectory -ChildPath '.lock'
    $lock = [IO.File]::Open($result.path, 'OpenOrCreate', 'ReadWrite', 'None')
    foreach ($file in $Files) {
        $result.path = $file.real_path
        if (-not $file.registry -and (Get-Sha256 -File $file.real_path) -ne $file.sha256) { throw 'CHANGED' }
        # A file that goes back has its copy and its record already.
        if (-not $file.record) { continue }
        New-PrivateDirectory -Directory $file.folder
        Save-Copy -File $file
        if ((Get-Sha256 -File $file.copy) -ne $file.sha256) { throw 'CHANGED' }
        Write-Private -File $file.record_path -Bytes ([Convert]::FromBase64String($file.record))
    }
    foreach ($file in $Files) {
        if ($file.registry) { continue }
        $result.path = $file.real_path
        Remove-Leftover -File $file
        $made.Add($file.temporary)
        Write-Private -File $file.temporary -Bytes ([Convert]::FromBase64String($file.content))
    }
}
catch {
    $result.error = $_.Exception.GetBaseException().Message
    foreach ($one in $made) {
        if (Test-Path -LiteralPath $one) { Remove-Item -LiteralPath $one -Force -ErrorAction SilentlyContinue }
    }
}
finally { if ($lock) { $lock.Dispose() } }
